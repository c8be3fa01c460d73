// Draws what differs between two scenarios on a Leaflet map: CoverageDifference.draw(...).
"use strict";
(function () {
  // from worse to better; what does not change stays paper
  const COLOURS = ["#a8501a", "#d08a4c", "#ecc99a", "#f7f5ee", "#b7d8d0", "#5ea7a2", "#1d6a70"];
  const BREAKS = {
    share: [-20, -5, -0.05, 0.05, 5, 20],
    covered: [-500, -100, -0.5, 0.5, 100, 500],
    minutes: [-10, -3, -0.05, 0.05, 3, 10],
  };
  const COLUMN = { share: 0, covered: 2, minutes: 4 };
  const CHANGE = ["#0b6e4f", "#8f1d1d", "#3d4f9f", "#5aa876", "#d0605e", "#8a6d1f"];

  function element(tag, className, text, parent) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  class Difference {
    constructor(map, shapes, values, options) {
      Object.assign(this, { map, shapes, values, frame: options.frame });
      this.theme = { service: values.services[0].name, measure: "share", level: "community" };
      this.theme.service = this.mostChanged();
      this.renderer = L.canvas({ padding: 0.25, tolerance: 2 });
      this.layers = L.layerGroup().addTo(map);
      this.tip = L.tooltip({ sticky: true, className: "cm-tip", direction: "auto", opacity: 1 });
      this.labels = L.layerGroup().addTo(map);
      map.attributionControl.remove();
      map.on("zoomend moveend", () => this.drawLabels());
      L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
      map.invalidateSize();
      map.fitBounds(shapes.bounds, { padding: [14, 14], animate: false });
      this.redraw();
      this.drawLabels();
    }

    // names of townships, those that would overlap an earlier one left out
    drawLabels() {
      this.labels.clearLayers();
      const taken = [];
      for (const { properties } of this.shapes.township.features) {
        const at = this.map.latLngToContainerPoint(properties.at);
        const half = properties.name.length * 7.5;
        if (taken.some((o) => Math.abs(o.x - at.x) < half + o.half && Math.abs(o.y - at.y) < 18)) continue;
        taken.push({ x: at.x, y: at.y, half });
        const text = element("span", null, properties.name);
        const icon = L.divIcon({ className: "cm-label cm-township", html: text, iconSize: [0, 0] });
        this.labels.addLayer(L.marker(properties.at, { icon, interactive: false, keyboard: false }));
      }
    }

    // the service that more people gain or lose than any other
    mostChanged() {
      const change = (s) => Math.abs((s.total[3] || 0) - (s.total[1] || 0));
      return this.values.services.reduce((best, s) => (change(s) > change(best) ? s : best)).name;
    }

    number(value, digits) {
      if (value === null) return this.values.words.nothing;
      const locale = this.values.language === "zh" ? "zh-CN" : "en";
      return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    }

    signed(value, digits) {
      if (value === null) return this.values.words.nothing;
      const text = this.number(Math.abs(value), digits);
      const nothing = Number(Math.abs(value).toFixed(digits)) === 0;
      return nothing ? this.values.words.same : (value > 0 ? "+" : "−") + text;
    }

    unit() {
      const words = this.values.words;
      if (this.theme.measure === "share") return words.points;
      return this.theme.measure === "minutes" ? words.minutes : this.service().unit;
    }

    service() {
      return this.values.services.find((s) => s.name === this.theme.service);
    }

    pair(level, code) {
      const row = (this.values.units[level][this.theme.service] || {})[code];
      const at = COLUMN[this.theme.measure];
      return row ? [row[at], row[at + 1]] : [null, null];
    }

    difference(level, code) {
      const [a, b] = this.pair(level, code);
      return a === null || b === null ? null : b - a;
    }

    colour(value) {
      if (value === null) return "#d9d9d5";
      const breaks = BREAKS[this.theme.measure];
      let i = 0;
      while (i < breaks.length && value >= breaks[i]) i += 1;
      // fewer minutes are better
      return COLOURS[this.theme.measure === "minutes" ? COLOURS.length - 1 - i : i];
    }

    redraw() {
      this.layers.clearLayers();
      this.tip.remove();
      const level = this.theme.level;
      this.add(L.geoJSON(this.shapes[level], {
        renderer: this.renderer,
        smoothFactor: 0.6,
        style: (f) => ({
          color: "#c9c5ba", weight: 0.6, fillOpacity: 1,
          fillColor: this.colour(this.difference(level, f.properties.code)),
        }),
        onEachFeature: (f, layer) => this.live(layer, level, f.properties),
      }));
      this.quiet(this.shapes.water, { color: "#9fc0d6", weight: 0.8, fillColor: "#cfe2ee", fillOpacity: 1, fill: true });
      this.quiet(this.shapes.streets.main, { color: "#77736a", weight: 0.8, opacity: 0.45 });
      this.quiet(this.shapes.outline, { color: "#3c3c3a", weight: 1.4, opacity: 0.9 });
      this.quiet(this.shapes.township, { color: "#4a4a47", weight: 0.9, opacity: 0.75 });
      this.facilities();
      this.panel();
      this.map.getContainer().setAttribute("data-drawn", Object.values(this.theme).join(" "));
    }

    add(layer) {
      this.layers.addLayer(layer);
      return layer;
    }

    quiet(shape, style) {
      if (!shape) return;
      this.add(L.geoJSON(shape, { style: { fill: false, ...style }, interactive: false, renderer: this.renderer }));
    }

    hover(layer, text) {
      layer.on("mouseover", (e) => this.tip.setContent(text()).setLatLng(e.latlng).addTo(this.map));
      layer.on("mousemove", (e) => this.tip.setLatLng(e.latlng));
      layer.on("mouseout", () => this.tip.remove());
    }

    live(layer, level, unit) {
      this.hover(layer, () => {
        const box = element("div");
        const [a, b] = this.pair(level, unit.code);
        const digits = this.theme.measure === "covered" ? 0 : 1;
        element("b", null, unit.name, box);
        element("div", "cm-value", this.signed(this.difference(level, unit.code), digits) + " " + this.unit(), box);
        element("div", "cm-small", this.number(a, digits) + " → " + this.number(b, digits), box);
        return box;
      });
    }

    facilities() {
      for (const [x, y, name, category, changes] of this.values.facilities) {
        const circle = L.circleMarker([y, x], {
          renderer: this.renderer, radius: 6, weight: 2, color: "#ffffff", fillOpacity: 1,
          fillColor: CHANGE[changes[0]],
        });
        this.hover(circle, () => {
          const box = element("div");
          element("b", null, name, box);
          element("div", "cm-small", category + " · " + changes.map((i) => this.values.words["change_" + i]).join("、"), box);
          return box;
        });
        this.add(circle);
      }
    }

    // --- beside the map ------------------------------------------------------------------------

    panel() {
      const { words, notice, title, subtitle } = this.values;
      this.frame.replaceChildren();
      if (notice) element("div", "cm-notice", notice, this.frame);
      element("h1", null, title, this.frame);
      element("p", "cm-subtitle", subtitle, this.frame);
      for (const service of this.values.services) this.card(service);
      this.choice("measure", ["share", "covered", "minutes"]);
      this.choice("level", ["community", "township"]);
      this.legend();
      element("footer", null, words.sketch + "　" + this.values.approval, this.frame);
      element("footer", "cm-credit", words.credit, this.frame);
    }

    card(service) {
      const [people, covered, peopleB, coveredB] = service.total;
      const card = element("div", "cm-card", null, this.frame);
      element("h2", null, service.title, card);
      const pair = element("div", "cm-pair", null, card);
      const button = element("button", "cm-figure" + (service.name === this.theme.service ? " cm-on" : ""), null, pair);
      const known = people && peopleB;
      const points = known ? (coveredB / peopleB - covered / people) * 100 : null;
      const figure = element("strong", known ? null : "cm-none", this.signed(points, 2) + " ", button);
      if (known) element("small", null, this.values.words.points, figure);
      if (known) {
        element("span", null, this.number(100 * covered / people, 2) + " % → " + this.number(100 * coveredB / peopleB, 2) + " %", button);
        element("small", null, this.values.words.covered + " " + this.signed(coveredB - covered, 0) + " " + service.unit, button);
      }
      button.addEventListener("click", () => this.choose("service", service.name));
    }

    choice(name, options) {
      const row = element("div", "cm-segments", null, this.frame);
      element("h3", null, this.values.words[name], row);
      const box = element("div", null, null, row);
      for (const option of options) {
        const button = element("button", this.theme[name] === option ? "cm-on" : null, this.values.words[name + "_" + option], box);
        button.addEventListener("click", () => this.choose(name, option));
      }
    }

    choose(name, value) {
      this.theme[name] = value;
      this.redraw();
    }

    legend() {
      const { words, facilities } = this.values;
      const box = element("div", "cm-legend", null, this.frame);
      const breaks = BREAKS[this.theme.measure];
      element("h3", null, words["measure_" + this.theme.measure] + "（" + this.unit() + "）", box);
      const classes = element("div", "cm-classes", null, box);
      const less = this.theme.measure === "minutes";
      const said = (v) => this.number(v, 0);
      const text = [
        "< " + said(breaks[0]), said(breaks[0]) + " – " + said(breaks[1]), said(breaks[1]) + " – 0", words.same,
        "0 – +" + said(breaks[4]), "+" + said(breaks[4]) + " – +" + said(breaks[5]), "≥ +" + said(breaks[5]),
      ];
      text.forEach((label, i) => {
        const entry = element("div", "cm-entry", null, classes);
        element("i", "cm-swatch", null, entry).style.background = COLOURS[less ? COLOURS.length - 1 - i : i];
        element("span", null, label.replaceAll("-", "−"), entry);
      });
      const seen = [...new Set(facilities.map((row) => row[4][0]))].sort();
      if (seen.length) element("h3", null, words.facilities, box);
      for (const change of seen) {
        const entry = element("div", "cm-entry", null, box);
        element("i", "cm-dot", null, entry).style.background = CHANGE[change];
        element("span", null, words["change_" + change], entry);
      }
    }
  }

  window.CoverageDifference = { draw: (map, shapes, values, options) => new Difference(map, shapes, values, options) };
})();
