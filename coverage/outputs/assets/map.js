// Draws a result on a Leaflet map: in the offline map and in the app alike.
// CoverageMap.draw(map, shapes, values, options); options.frame is the element for headlines and
// controls; without it legend and controls stand on the map itself (the app), options.markers are
// places that the page adds, options.change is how a scenario differs from the figures, and what was
// clicked last is the drawing's hit.
"use strict";
(function () {
  const RAMP = ["#f3e9d2", "#cfdcc3", "#93c2b1", "#519c99", "#1d6a70"];
  const STANDARD = ["#c98a4b", "#e3bb85", "#f4e6c8", "#93c7bd", "#3b8a88"];
  const BINARY = { yes: "#58a39f", no: "#efcf9f" };
  const AREA_BREAKS = [10, 20, 30, 45];
  const GAP = "#c4441c";
  const GAINED = "#1d6a70";
  // from worse to better; what does not change stays paper
  const CHANGES = ["#a8501a", "#d08a4c", "#ecc99a", "#f7f5ee", "#b7d8d0", "#5ea7a2", "#1d6a70"];
  const CHANGE_BREAKS = [-20, -5, -0.05, 0.05, 5, 20]; // percentage points
  const AREA = "#3f3a8c"; // seen on the palest and on the darkest class, and in grey
  const GROUP = {
    eldercare: "#173f5f", institutions: "#6a3d7c", community: "#8a6d1f",
    social: "#2f6b2f", funeral: "#4a4a4a", other: "#7a7a7a",
  };
  const MARKER = { site: 22, chosen: 28, other: 18 }; // pixels
  const SIDE = 232; // pixels at the right that the box of the app covers
  const MOST_COVERED = 0.33; // share of the map that this box may cover by itself
  const CLOSE_ZOOM = 12; // from here on each uncovered place is drawn, not one circle a community

  function element(tag, className, text, parent) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  class Drawing {
    constructor(map, options) {
      this.map = map;
      this.options = options || {};
      this.theme = { service: null, reading: "reach", level: "community" };
      this.show = { facilities: true, others: false, gaps: true, areas: false, water: true, streets: true, names: true };
      this.selected = null;
      this.renderer = L.canvas({ padding: 0.25, tolerance: 2 });
      this.layers = L.layerGroup().addTo(map);
      this.added = L.layerGroup().addTo(map);
      this.hit = null;
      this.labels = L.layerGroup().addTo(map);
      this.tip = L.tooltip({ sticky: true, className: "cm-tip", direction: "auto", opacity: 1 });
      this.hatch = this.pattern();
      map.on("zoomend moveend", () => this.drawLabels());
      map.on("zoomend", () => this.rescale());
      this.furniture();
    }

    set(shapes, values) {
      const first = !this.shapes;
      this.shapes = shapes;
      this.values = values;
      this.services = new Map(values.services.map((s, i) => [s.name, { ...s, position: i }]));
      const wanted = this.options.service || this.theme.service;
      if (first && this.options.reading) this.theme.reading = this.options.reading;
      this.theme.service = this.services.has(wanted) ? wanted : values.services[0].name;
      this.settle();
      this.names = { community: new Map(), township: new Map() };
      for (const level of ["community", "township"]) {
        for (const f of shapes[level].features) this.names[level].set(f.properties.code, f.properties);
      }
      // in the app the areas are asked for beside the map, and not drawn before
      if (this.options.areas !== undefined) this.show.areas = this.options.areas;
      if (this.options.selected !== undefined) this.selected = this.options.selected;
      this.controls();
      this.redraw();
      this.unfold();
      if (first) this.fit();
      this.mark();
      if (this.selected && this.options.frame) this.panel(this.selected.level, this.selected.code);
    }

    fit() {
      const side = this.keyBox && this.keyBox.open ? SIDE : 0;
      this.map.fitBounds(this.shapes.bounds, { paddingTopLeft: [14, 14], paddingBottomRight: [14 + side, 14], animate: false });
      this.home = { at: this.map.getCenter(), zoom: this.map.getZoom() };
    }

    // whether the map lies as it was fitted: nobody has moved it, so that it may be fitted anew
    untouched() {
      return Boolean(this.home) && this.map.getZoom() === this.home.zoom && this.map.getCenter().equals(this.home.at);
    }

    // the same figures, seen otherwise: another unit outlined, other markers, another theme
    update(options) {
      const state = () => JSON.stringify([this.show.areas, this.theme, this.options.change]);
      const was = state();
      const turned = options.reading !== this.options.reading || options.service !== this.options.service;
      Object.assign(this.options, options);
      this.show.areas = Boolean(options.areas);
      if (turned && this.services.has(options.service)) {
        Object.assign(this.theme, { service: options.service, reading: options.reading || "reach" });
        this.settle();
        this.choices();
      }
      this.selected = options.selected;
      if (state() !== was) this.redraw();
      else this.highlight();
      this.mark();
    }

    // places that the page adds, above everything else; a click tells which one was meant
    mark() {
      this.added.clearLayers();
      const markers = this.options.markers || [];
      markers.forEach(([lat, lng, label, kind], position) => {
        const size = MARKER[kind] || MARKER.other;
        const icon = L.divIcon({ className: "cm-marker cm-marker-" + kind, iconSize: [size, size], html: element("span", null, label) });
        const front = { site: 1000, chosen: 2000 }[kind] || 0; // names of townships lie below
        const marker = L.marker([lat, lng], { icon, bubblingMouseEvents: true, zIndexOffset: front, alt: label });
        marker.on("click", () => { this.hit = { marker: position }; });
        this.added.addLayer(marker);
      });
      this.goTo(markers.find((m) => m[3] === "chosen") || (markers.length === 1 ? markers[0] : null));
    }

    // once: wherever the visitor moves the map afterwards, there it stays
    goTo(marker) {
      const place = marker ? marker.slice(0, 2) : null;
      if (place && String(place) !== this.gone && !this.map.getBounds().contains(place)) this.map.panTo(place);
      this.gone = String(place);
    }

    // what a service can be coloured by; of a scenario, only what is known of it
    readings() {
      const own = this.values.themes[this.theme.service];
      return this.options.change ? { change: own.reach, reach: own.reach } : own;
    }

    // share before and after in percent, then people and covered people after; null: as before
    changed(level, code) {
      return ((this.options.change || {})[level] || {})[code] || null;
    }

    // a service without the chosen reading or level falls back to what it has
    settle() {
      const readings = this.readings();
      if (!readings[this.theme.reading]) this.theme.reading = "reach";
      const levels = readings[this.theme.reading];
      if (!levels[this.theme.level]) this.theme.level = Object.keys(levels)[0] || "community";
    }

    pattern() {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const pen = tile.getContext("2d");
      pen.fillStyle = "#f1f1ef";
      pen.fillRect(0, 0, 8, 8);
      pen.strokeStyle = "#b4b4b0";
      pen.lineWidth = 1;
      pen.beginPath();
      for (const x of [-4, 0, 4, 8]) { pen.moveTo(x, 8); pen.lineTo(x + 8, 0); }
      pen.stroke();
      return pen.createPattern(tile, "repeat");
    }

    // --- classes and colours -------------------------------------------------------------------

    scale() {
      const { service, reading, level } = this.theme;
      if (reading === "change") return { breaks: CHANGE_BREAKS, colours: CHANGES, unit: this.values.words.change_points, signed: true };
      const values = Object.values((this.values.themes[service][reading] || {})[level] || {}).filter((v) => v !== null);
      const words = this.values.words;
      if (reading === "pooled") return { breaks: AREA_BREAKS, colours: STANDARD, unit: "" };
      if (reading !== "reach" && values.every((v) => v === 0 || v === 100)) {
        return { binary: true, yes: words["yes_" + reading], no: words["no_" + reading] };
      }
      return { breaks: [20, 40, 60, 80], colours: RAMP, unit: "%" };
    }

    value(level, code) {
      const { reading } = this.theme;
      const values = (this.readings()[reading] || {})[level] || {};
      const known = code in values ? values[code] : null;
      const pair = this.changed(level, code);
      if (reading === "reach") return pair ? pair[1] : known;
      if (reading !== "change") return known;
      if (!pair) return known === null ? null : 0;
      return pair[0] === null || pair[1] === null ? null : pair[1] - pair[0];
    }

    colour(value, scale) {
      if (value === null) return this.hatch;
      if (scale.binary) return value >= 50 ? BINARY.yes : BINARY.no;
      let i = 0;
      while (i < scale.breaks.length && value >= scale.breaks[i]) i += 1;
      return scale.colours[i];
    }

    number(value, digits) {
      if (value === null || value === undefined) return this.values.words.nothing;
      const locale = this.values.language === "zh" ? "zh-CN" : "en";
      return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    }

    said(value, scale) {
      if (value === null) return this.values.words.nothing;
      if (scale.binary) return value >= 50 ? scale.yes : scale.no;
      if (scale.signed && Math.abs(value) < 0.05) return this.values.words.change_same;
      const sign = scale.signed ? (value > 0 ? "+" : "−") : "";
      return sign + this.number(scale.signed ? Math.abs(value) : value, 1) + (scale.unit ? " " + scale.unit : "");
    }

    // --- drawing -------------------------------------------------------------------------------

    redraw() {
      this.layers.clearLayers();
      this.tip.remove();
      this.circles = [];
      const level = this.theme.level;
      const scale = this.scale();
      this.units(level, scale);
      if (this.show.areas) this.areas();
      if (this.show.water) this.quiet(this.shapes.water, { color: "#9fc0d6", weight: 0.8, fillColor: "#cfe2ee", fillOpacity: 1, fill: true });
      if (this.show.streets) {
        this.minor = this.quiet(this.shapes.streets.minor, { color: "#8a8a84", weight: 0.6, opacity: 0.55 });
        this.quiet(this.shapes.streets.main, { color: "#77736a", weight: 1, opacity: 0.6 });
      }
      this.outlines();
      this.counts = this.show.gaps && ["change", "reach", "units_by_reach"].includes(this.theme.reading);
      if (this.counts) this.gaps();
      this.facilities();
      this.highlight();
      this.drawLabels();
      this.rescale();
      if (this.legendBox) this.legend();
      this.map.getContainer().setAttribute("data-drawn", this.theme.service + " " + this.theme.reading + " " + level);
    }

    add(layer) {
      this.layers.addLayer(layer);
      return layer;
    }

    quiet(shape, style) {
      if (!shape) return null;
      return this.add(L.geoJSON(shape, {
        style: { fill: false, ...style }, interactive: false, renderer: this.renderer, smoothFactor: 1.2,
      }));
    }

    units(level, scale) {
      this.add(L.geoJSON(this.shapes[level], {
        renderer: this.renderer,
        smoothFactor: 0.6,
        style: (f) => ({
          color: "#ffffff", weight: level === "community" ? 0.6 : 0, opacity: 0.9,
          fillColor: this.colour(this.value(level, f.properties.code), scale), fillOpacity: 1,
        }),
        onEachFeature: (f, layer) => this.live(layer, level, f.properties, scale),
      }));
    }

    live(layer, level, unit, scale) {
      layer.on("mouseover", () => {
        layer.setStyle({ color: "#222222", weight: 1.6 });
        this.tip.setContent(this.unitTip(level, unit, scale));
      });
      layer.on("mousemove", (e) => this.tip.setLatLng(e.latlng).addTo(this.map));
      layer.on("mouseout", () => {
        layer.setStyle({ color: "#ffffff", weight: level === "community" ? 0.6 : 0 });
        this.tip.remove();
      });
      layer.on("click", () => {
        this.hit = { level, code: unit.code };
        this.select(level, unit.code);
      });
    }

    unitTip(level, unit, scale) {
      const box = element("div");
      const owner = level === "community" ? this.names.township.get(unit.township) : null;
      element("b", null, unit.name, box);
      if (owner) element("span", "cm-owner", owner.name, box);
      element("div", "cm-value", this.said(this.value(level, unit.code), scale), box);
      const s = this.services.get(this.theme.service);
      const w = this.values.words;
      const pair = this.changed(level, unit.code);
      if (pair && scale.signed) element("div", "cm-small", this.number(pair[0], 1) + " % → " + this.number(pair[1], 1) + " %", box);
      const row = pair ? pair.slice(2) : (this.values.units[level][this.theme.service] || {})[unit.code];
      if (row && row[0] !== null) {
        element("div", "cm-small", w.uncovered + " " + this.number(row[0] - row[1], 0) + " / " + this.number(row[0], 0) + " " + s.unit, box);
      }
      return box;
    }

    areas() {
      const shape = this.values.areas[this.theme.service];
      // a pale edge around, so that ribbons stand out from dark classes as well as from pale ones
      this.quiet(shape, { color: "#ffffff", weight: 3.2, opacity: 0.85 });
      this.quiet(shape, { color: AREA, weight: 1, opacity: 0.95, fill: true, fillColor: AREA, fillOpacity: 0.45 });
    }

    outlines() {
      this.quiet(this.shapes.outline, { color: "#3c3c3a", weight: 1.4, opacity: 0.9 });
      this.quiet(this.shapes.township, { color: "#4a4a47", weight: 0.9, opacity: 0.75 });
    }

    gaps() {
      const rows = this.values.gaps[this.theme.service];
      const { gained, lost } = this.options.change || { gained: [], lost: null };
      const now = new Set(gained);
      const w = this.values.words;
      this.spots(this.part(rows, (i) => !now.has(i)), { fillColor: GAP }, w.uncovered);
      if (gained.length) this.spots(this.part(rows, (i) => now.has(i)), { fillColor: GAINED }, w.gained);
      if (lost && lost.weight.length) this.spots(lost, { fillColor: GAP, color: "#1f2226", weight: 1.6 }, w.lost);
    }

    // some of the places that parallel arrays list
    part(rows, chosen) {
      const kept = rows.weight.map((_, i) => i).filter(chosen);
      return {
        at: kept.flatMap((i) => [rows.at[2 * i], rows.at[2 * i + 1]]),
        weight: kept.map((i) => rows.weight[i]),
        community: kept.map((i) => rows.community[i]),
      };
    }

    spots(rows, look, title) {
      const s = this.services.get(this.theme.service);
      const close = this.map.getZoom() >= CLOSE_ZOOM;
      this.close = close;
      const spots = close ? this.places(rows) : this.clusters(rows);
      const most = close ? 120 : 900;
      const shrink = Math.max(0.6, Math.min(1, 0.6 + 0.25 * (this.map.getZoom() - 9)));
      for (const [lat, lon, people, code] of spots) {
        const circle = L.circleMarker([lat, lon], {
          renderer: this.renderer, color: "#ffffff", weight: 0.6, opacity: 0.9, fillOpacity: 0.62, ...look,
          radius: shrink * Math.min(14, 1.5 + 8 * Math.sqrt(people / most)),
        });
        const unit = this.names.community.get(code);
        const text = () => {
          const box = element("div");
          element("b", null, title + " " + this.number(people, close ? 1 : 0) + " " + s.unit, box);
          if (unit) element("span", "cm-owner", unit.name, box);
          return box;
        };
        this.hover(circle, text);
        circle.on("click", () => {
          this.hit = { level: "community", code };
          this.pick(code);
        });
        this.add(circle);
      }
    }

    hover(layer, text) {
      layer.on("mouseover", (e) => this.tip.setContent(text()).setLatLng(e.latlng).addTo(this.map));
      layer.on("mousemove", (e) => this.tip.setLatLng(e.latlng));
      layer.on("mouseout", () => this.tip.remove());
    }

    places(rows) {
      return rows.weight.map((w, i) => [rows.at[2 * i + 1] / 1e5, rows.at[2 * i] / 1e5, w, this.values.codes[rows.community[i]]]);
    }

    // seen from afar: one circle a community, at the centre of its uncovered people
    clusters(rows) {
      const sums = new Map();
      rows.weight.forEach((w, i) => {
        const code = this.values.codes[rows.community[i]] || "";
        const sum = sums.get(code) || [0, 0, 0];
        sum[0] += w * rows.at[2 * i + 1];
        sum[1] += w * rows.at[2 * i];
        sum[2] += w;
        sums.set(code, sum);
      });
      const spots = [];
      for (const [code, [y, x, w]] of sums) if (w >= 0.5) spots.push([y / w / 1e5, x / w / 1e5, w, code]);
      return spots.sort((a, b) => b[2] - a[2]);
    }

    facilities() {
      const service = this.services.get(this.theme.service);
      const own = new Set(service.categories);
      const seen = { own: new Set(), other: new Set(), hollow: false };
      const rows = this.values.facilities.map((row, i) => [row, own.has((this.values.categories[row[3]] || [])[0]), i]);
      // what counts here and now is drawn last, on top
      rows.sort((a, b) => a[1] - b[1] || b[0][4] - a[0][4]);
      for (const [row, ours, position] of rows) {
        if (!(ours ? this.show.facilities : this.show.others)) continue;
        this.facility(row, ours, seen, position);
      }
      this.seen = seen;
    }

    facility(row, ours, seen, position) {
      const [x, y, , category, status, , community] = row;
      const [, , group] = this.values.categories[category] || ["", "", "other"];
      const counted = status === 0;
      (ours ? seen.own : seen.other).add(group);
      seen.hollow = seen.hollow || !counted;
      const base = ours && counted ? 4 : 2.6;
      const circle = L.circleMarker([y / 1e5, x / 1e5], {
        renderer: this.renderer, radius: base, base,
        color: counted ? "#ffffff" : GROUP[group], weight: counted ? 1.1 : 1,
        fillColor: counted ? GROUP[group] : "#ffffff", fillOpacity: ours ? 1 : 0.8, opacity: 1,
      });
      this.hover(circle, () => this.facilityTip(row));
      circle.on("click", () => {
        this.hit = { level: "community", code: this.values.codes[community] || "", facility: position };
        this.pick(this.values.codes[community]);
      });
      this.circles.push(circle);
      this.add(circle);
    }

    facilityTip(row) {
      const [, , name, category, status, approximate] = row;
      const [id, title] = this.values.categories[category] || ["", ""];
      const service = this.services.get(this.theme.service);
      const words = this.values.words;
      const box = element("div");
      element("b", null, name, box);
      element("div", "cm-small", title + " · " + this.values.statuses[status], box);
      const reach = row[7 + service.position];
      if (service.categories.includes(id) && reach !== null) {
        element("div", "cm-small", words.within_reach + " " + this.number(reach, 0) + " " + service.unit, box);
      }
      if (approximate) element("div", "cm-small", words.location_approximate, box);
      return box;
    }

    rescale() {
      const zoom = this.map.getZoom();
      const grow = Math.max(0.65, Math.min(2, 1 + (zoom - 11) * 0.22));
      for (const circle of this.circles || []) circle.setRadius(circle.options.base * grow);
      if (this.minor) this.minor.setStyle({ opacity: zoom >= 12 ? 0.6 : 0.22, weight: zoom >= 13 ? 1 : 0.5 });
      if (this.shapes && this.counts && zoom >= CLOSE_ZOOM !== this.close) this.redraw();
    }

    // --- names: greedy, so that no two overlap --------------------------------------------------

    drawLabels() {
      this.labels.clearLayers();
      if (!this.shapes || !this.show.names) return;
      const taken = [];
      const bounds = this.map.getBounds();
      this.place(this.shapes.township.features, "cm-township", 15, bounds, taken);
      if (this.map.getZoom() >= 12.5) this.place(this.shapes.community.features, "cm-community", 12, bounds, taken);
    }

    place(features, className, size, bounds, taken) {
      const latin = this.values.language !== "zh";
      for (const { properties: unit } of features) {
        if (!bounds.contains(unit.at)) continue;
        const p = this.map.latLngToContainerPoint(unit.at);
        const half = [(unit.name.length * size * (latin ? 0.75 : 1)) / 2 + 2, size / 2 + 2];
        const box = [p.x - half[0], p.y - half[1], p.x + half[0], p.y + half[1]];
        if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
        taken.push(box);
        const icon = L.divIcon({ className: "cm-label " + className, iconSize: null, html: element("span", null, unit.name) });
        this.labels.addLayer(L.marker(unit.at, { icon, interactive: false, keyboard: false }));
      }
    }

    // --- selection -----------------------------------------------------------------------------

    // what lies on a unit answers for the unit
    pick(community) {
      const unit = this.names.community.get(community);
      if (!unit) return;
      if (this.theme.level === "township") this.select("township", unit.township);
      else this.select("community", community);
    }

    // in the app the page answers a click, and sends what to outline
    select(level, code) {
      if (!this.options.frame || !this.names[level].has(code)) return;
      this.selected = { level, code };
      this.highlight();
      this.panel(level, code);
    }

    deselect() {
      this.panelBox.hidden = true;
      this.selected = null;
      this.highlight();
    }

    highlight() {
      if (this.ring) this.ring.remove();
      this.ring = null;
      if (!this.selected) return;
      const { level, code } = this.selected;
      const feature = this.shapes[level].features.find((f) => f.properties.code === code);
      if (!feature) return;
      this.ring = L.geoJSON(feature, {
        renderer: this.renderer, interactive: false, style: { fill: false, color: "#111111", weight: 2.6 },
      }).addTo(this.map);
    }

    panel(level, code) {
      const words = this.values.words;
      const unit = this.names[level].get(code);
      const box = this.panelBox;
      box.replaceChildren();
      box.hidden = false;
      const head = element("header", null, null, box);
      const owner = this.names.township.get(unit.township);
      element("h2", null, unit.name, head);
      if (level === "community" && owner) {
        const link = element("button", "cm-link", owner.name, head);
        link.onclick = () => this.select("township", owner.code);
      }
      const shut = element("button", "cm-close", "×", head);
      shut.title = words.close;
      shut.onclick = () => this.deselect();
      this.measures(level, code, box);
      if (level === "township") this.members(code, box);
    }

    measures(level, code, box) {
      const words = this.values.words;
      const table = element("table", "cm-table", null, box);
      const head = element("tr", null, null, element("thead", null, null, table));
      element("th", null, "", head);
      for (const s of this.values.services) {
        const th = element("th", s.name === this.theme.service ? "cm-on" : null, s.title, head);
        element("small", null, s.weight, th);
      }
      const body = element("tbody", null, null, table);
      const names = ["people", "covered", "beyond", "unreachable", "off_network", "share", "minutes"];
      names.forEach((name, i) => {
        const row = element("tr", "cm-" + name, null, body);
        element("th", null, words[name], row);
        for (const s of this.values.services) {
          const values = (this.values.units[level][s.name] || {})[code] || [];
          const v = values[i];
          const empty = v === null || v === undefined;
          const text = empty ? words.nothing : name === "share" ? this.number(v * 100, 1) + " %" : this.number(v, name === "minutes" ? 1 : 0);
          element("td", (s.name === this.theme.service ? "cm-on" : "") + (empty ? " cm-none" : ""), text, row);
        }
      });
    }

    members(code, box) {
      const words = this.values.words;
      const rows = this.values.units.community[this.theme.service] || {};
      const own = this.shapes.community.features.map((f) => f.properties).filter((p) => p.township === code);
      const gap = (p) => { const r = rows[p.code]; return r && r[0] !== null ? r[0] - r[1] : -1; };
      own.sort((a, b) => gap(b) - gap(a) || (a.code < b.code ? -1 : 1));
      element("h3", null, words.communities_of, box);
      const table = element("table", "cm-table cm-members", null, element("div", "cm-scroll", null, box));
      const head = element("tr", null, null, element("thead", null, null, table));
      for (const w of [words.community, words.uncovered, words.people, words.share]) element("th", null, w, head);
      const body = element("tbody", null, null, table);
      for (const unit of own) {
        const r = rows[unit.code] || [];
        const row = element("tr", null, null, body);
        const link = element("button", "cm-link", unit.name, element("td", null, null, row));
        link.onclick = () => this.select("community", unit.code);
        const known = gap(unit) >= 0;
        element("td", null, known ? this.number(gap(unit), 0) : words.nothing, row);
        element("td", null, this.number(r[0], 0), row);
        element("td", null, known && r[5] !== null ? this.number(r[5] * 100, 1) + " %" : words.nothing, row);
      }
    }

    // --- controls ------------------------------------------------------------------------------

    furniture() {
      const corner = (position, className) => {
        const control = L.control({ position });
        control.onAdd = () => {
          const box = element("div", className);
          L.DomEvent.disableClickPropagation(box);
          L.DomEvent.disableScrollPropagation(box);
          return box;
        };
        control.addTo(this.map);
        return control.getContainer();
      };
      if (this.map.attributionControl) this.map.attributionControl.remove();
      this.northBox = corner("topright", "cm-north");
      if (this.options.frame) {
        this.panelBox = corner("topright", "cm-panel");
        this.panelBox.hidden = true;
        this.toggleBox = corner("bottomleft", "cm-box");
      } else {
        this.sideBox = corner("topright", "cm-side");
      }
      this.imprintBox = corner("bottomright", "cm-imprint");
      L.control.scale({ position: "bottomright", imperial: false, maxWidth: 160 }).addTo(this.map);
    }

    controls() {
      const words = this.values.words;
      this.northBox.innerHTML = '<svg viewBox="0 0 24 34" width="24" height="34"><path d="M12 0 L20 24 L12 19 Z" fill="#2b2b2b"/><path d="M12 0 L4 24 L12 19 Z" fill="#ffffff" stroke="#2b2b2b" stroke-width="0.8"/></svg>';
      element("span", null, words.north, this.northBox);
      this.imprintBox.textContent = words.sketch + "　" + this.values.approval;
      if (this.options.frame) this.frame();
      else this.side();
    }

    // the app: reading, units and legend on the map
    side() {
      this.sideBox.replaceChildren();
      if (this.values.notice) element("div", "cm-notice", this.values.notice, this.sideBox);
      const key = element("details", "cm-key", null, this.sideBox);
      this.titleBox = element("summary", null, null, key);
      this.choiceBox = element("div", null, null, key);
      // where the page chooses what is read, the map does not
      this.choiceBox.hidden = Boolean(this.options.compact);
      this.legendBox = element("div", "cm-legend", null, key);
      this.choices();
      this.toggles(element("details", "cm-toggles", null, key));
      this.keyBox = key;
      this.titleBox.onclick = () => { this.keyOpen = !key.open; };
    }

    // open, unless it would cover too much of a small map; once the visitor has chosen, as chosen
    unfold() {
      if (!this.keyBox) return;
      this.keyBox.open = true;
      const size = this.map.getSize();
      const covered = (this.sideBox.offsetWidth * this.sideBox.offsetHeight) / (size.x * size.y);
      this.keyBox.open = this.keyOpen === undefined ? covered < MOST_COVERED : this.keyOpen;
    }

    // the offline map: everything in the frame beside it
    frame() {
      const v = this.values;
      const box = this.options.frame;
      box.replaceChildren();
      const head = element("header", null, null, box);
      if (v.notice) element("div", "cm-notice", v.notice, head);
      element("h1", null, v.title, head);
      element("p", "cm-subtitle", v.subtitle + " · " + v.words.sketch, head);
      this.headlines(element("section", "cm-headlines", null, box));
      this.tabs(box);
      this.choiceBox = element("section", "cm-choices", null, box);
      this.choices();
      this.legendBox = element("section", "cm-legend", null, box);
      this.toggleBox.replaceChildren();
      this.toggles(element("details", "cm-toggles", null, this.toggleBox));
      element("p", "cm-hint", v.words.hint, box);
      element("footer", "cm-credit", v.words.credit, box);
    }

    headlines(box) {
      for (const h of this.values.headlines) {
        const card = element("div", "cm-card", null, box);
        element("h2", null, h.title, card);
        const pair = element("div", "cm-pair", null, card);
        for (const f of h.figures) {
          const side = element("button", "cm-figure", null, pair);
          side.setAttribute("data-figure", h.service + " " + f.reading);
          element("strong", f.value === null ? "cm-none" : null, f.text, side);
          element("span", null, f.label, side);
          element("small", null, f.fraction, side);
          side.onclick = () => this.choose({ service: h.service, reading: f.reading });
        }
      }
    }

    tabs(box) {
      const section = element("section", "cm-tabbed", null, box);
      element("h3", null, this.values.words.theme, section);
      this.tabBox = element("div", "cm-tabs", null, section);
      for (const s of this.values.services) {
        const tab = element("button", null, s.title, this.tabBox);
        tab.setAttribute("data-service", s.name);
        tab.onclick = () => this.choose({ service: s.name });
      }
    }

    choices() {
      const words = this.values.words;
      this.choiceBox.replaceChildren();
      const readings = this.readings();
      this.segments(words.reading, Object.keys(readings).map((r) => [r, words["reading_" + r]]), "reading");
      const levels = Object.keys(readings[this.theme.reading]);
      this.segments(words.level, ["community", "township"].filter((l) => levels.includes(l)).map((l) => [l, words[l]]), "level");
      for (const tab of this.tabBox ? this.tabBox.children : []) {
        tab.classList.toggle("cm-on", tab.getAttribute("data-service") === this.theme.service);
      }
      for (const f of this.options.frame ? this.options.frame.querySelectorAll(".cm-figure") : []) {
        f.classList.toggle("cm-on", f.getAttribute("data-figure") === this.theme.service + " " + this.theme.reading);
      }
    }

    segments(title, entries, name) {
      const row = element("div", "cm-segments", null, this.choiceBox);
      element("h3", null, title, row);
      const group = element("div", null, null, row);
      for (const [key, text] of entries) {
        const button = element("button", key === this.theme[name] ? "cm-on" : null, text, group);
        button.setAttribute("data-" + name, key);
        button.onclick = () => this.choose({ [name]: key });
      }
    }

    choose(change) {
      Object.assign(this.theme, change);
      this.settle();
      this.choices();
      this.redraw();
      if (this.selected && this.panelBox && !this.panelBox.hidden) this.panel(this.selected.level, this.selected.code);
    }

    toggles(box) {
      const words = this.values.words;
      element("summary", null, words.layers, box);
      const list = element("div", "cm-checks", null, box);
      for (const name of Object.keys(this.show)) {
        if (name === "areas" && this.options.areas !== undefined) continue;
        const label = element("label", null, null, list);
        const check = element("input", null, null, label);
        check.type = "checkbox";
        check.checked = this.show[name];
        check.setAttribute("data-layer", name);
        check.onchange = () => { this.show[name] = check.checked; this.redraw(); };
        element("span", null, words["layer_" + name], label);
      }
    }

    legend() {
      const words = this.values.words;
      const s = this.services.get(this.theme.service);
      const box = this.legendBox;
      box.replaceChildren();
      if (this.titleBox) this.titleBox.textContent = s.title;
      else element("h3", null, s.title, box);
      const said = { minutes: s.minutes, mode: words["mode_" + s.mode], weight: s.weight };
      element("p", "cm-small", fill(words["note_" + this.theme.reading], said), box);
      this.classes(box);
      if (this.counts) this.entry(box, "cm-dot", GAP, words.layer_gaps + fill(words.bracketed, { unit: s.unit }));
      const change = this.counts ? this.options.change : null;
      if (change && change.gained.length) this.entry(box, "cm-dot", GAINED, words.gained + fill(words.bracketed, { unit: s.unit }));
      if (change && change.lost.weight.length) this.entry(box, "cm-dot cm-lost", GAP, words.lost + fill(words.bracketed, { unit: s.unit }));
      const groups = new Map(this.values.groups);
      for (const g of this.seen.own) this.entry(box, "cm-dot", GROUP[g], groups.get(g));
      for (const g of this.seen.other) if (!this.seen.own.has(g)) this.entry(box, "cm-dot cm-tiny", GROUP[g], groups.get(g));
      if (this.seen.hollow) this.entry(box, "cm-dot cm-hollow", "#ffffff", words.not_counted);
      if (this.show.areas && this.values.areas[s.name]) this.entry(box, "cm-swatch cm-area", "", words.layer_areas);
    }

    classes(box) {
      const words = this.values.words;
      const scale = this.scale();
      const grid = element("div", "cm-classes", null, box);
      if (scale.binary) {
        this.entry(grid, "cm-swatch", BINARY.yes, scale.yes);
        this.entry(grid, "cm-swatch", BINARY.no, scale.no);
      } else if (scale.signed) {
        const said = (v) => (v > 0 ? "+" : "−") + this.number(Math.abs(v), 0);
        const b = scale.breaks;
        const text = ["< " + said(b[0]), said(b[0]) + " – " + said(b[1]), said(b[1]) + " – 0", words.change_same, "0 – " + said(b[4]), said(b[4]) + " – " + said(b[5]), "≥ " + said(b[5])];
        text.forEach((label, i) => this.entry(grid, "cm-swatch", scale.colours[i], label));
      } else {
        const b = [null, ...scale.breaks, null];
        scale.colours.forEach((c, i) => {
          const text = b[i] === null ? "< " + b[i + 1] : b[i + 1] === null ? "≥ " + b[i] : b[i] + " – " + b[i + 1];
          this.entry(grid, "cm-swatch", c, text + (scale.unit ? " " + scale.unit : ""));
        });
      }
      this.entry(grid, "cm-swatch cm-hatch", "", words.nothing);
    }

    entry(box, className, colour, text) {
      const row = element("div", "cm-entry", null, box);
      const mark = element("i", className, null, row);
      if (colour) mark.style.backgroundColor = colour;
      element("span", null, text, row);
    }
  }

  const drawings = new WeakMap();
  window.CoverageMap = {
    draw(map, shapes, values, options) {
      if (!drawings.has(map)) drawings.set(map, new Drawing(map, options));
      const drawing = drawings.get(map);
      Object.assign(drawing.options, options);
      const first = !drawing.shapes;
      drawing.set(shapes, values);
      // what the offline map has besides: search, print view
      if (first && drawing.options.frame) for (const part of window.CoverageParts || []) part(drawing);
      return drawing;
    },
  };
})();
