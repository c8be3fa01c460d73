// Find townships, communities and facilities of the offline map by name or code.
"use strict";
(function () {
  const MOST = 10; // results shown at once
  const CLOSE = 14; // zoom at which a single facility is shown
  const PANEL = 490; // pixels at the right that the table of a unit covers

  const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

  function element(tag, attributes, text, parent) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    if (text) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  class Finder {
    constructor(drawing) {
      this.drawing = drawing;
      this.entries = this.everything();
      this.found = [];
      this.active = -1;
      const control = L.control({ position: "topleft" });
      control.onAdd = () => this.box();
      control.addTo(drawing.map);
      document.addEventListener("keydown", (e) => {
        if (e.key !== "/" || e.ctrlKey || e.metaKey || e.target.matches("input, textarea")) return;
        e.preventDefault();
        this.input.focus();
      });
    }

    everything() {
      const { shapes, values, names } = this.drawing;
      const entries = [];
      ["township", "community"].forEach((level, rank) => {
        for (const { properties: unit } of shapes[level].features) {
          const owner = level === "community" ? names.township.get(unit.township) : null;
          entries.push({ level, code: unit.code, name: unit.name, rank, note: owner ? owner.name : unit.kind });
        }
      });
      values.facilities.forEach((row, position) => {
        const [, title] = values.categories[row[3]] || ["", ""];
        entries.push({ level: "facility", code: "", position, name: row[2], rank: 2, note: title });
      });
      for (const entry of entries) entry.folded = fold(entry.name);
      return entries;
    }

    box() {
      const words = this.drawing.values.words;
      const box = element("div", { class: "cm-find", role: "search" });
      const options = {
        type: "search", placeholder: words.find, "aria-label": words.find, autocomplete: "off", spellcheck: "false",
        role: "combobox", "aria-expanded": "false", "aria-controls": "cm-found", "aria-autocomplete": "list",
      };
      this.input = element("input", options, null, box);
      this.list = element("ul", { id: "cm-found", role: "listbox", hidden: "" }, null, box);
      this.input.addEventListener("input", () => this.search());
      this.input.addEventListener("focus", () => this.search());
      this.input.addEventListener("keydown", (e) => this.key(e));
      this.input.addEventListener("blur", () => this.close());
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    }

    search() {
      const wanted = fold(this.input.value);
      if (!wanted) return this.close();
      const fits = (entry) => entry.folded.includes(wanted) || (entry.code && entry.code.startsWith(wanted));
      const order = (entry) => [entry.folded.startsWith(wanted) ? 0 : 1, entry.rank, entry.name.length];
      const found = this.entries.filter(fits).map((entry) => [order(entry), entry]);
      found.sort(([a], [b]) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
      this.found = found.slice(0, MOST).map(([, entry]) => entry);
      this.tell(found.length);
    }

    tell(count) {
      const words = this.drawing.values.words;
      this.list.replaceChildren();
      this.found.forEach((entry, i) => {
        const row = element("li", { role: "option", id: "cm-found-" + i }, null, this.list);
        element("span", {}, entry.name, row);
        element("small", {}, entry.note, row);
        // a click must not close the list before it is heard
        row.addEventListener("mousedown", (e) => e.preventDefault());
        row.addEventListener("click", () => this.take(entry));
      });
      const rest = count - this.found.length;
      const said = count ? words.find_more.replace("{count}", rest) : words.find_none;
      if (!count || rest) element("li", { class: "cm-small", role: "presentation" }, said, this.list);
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      this.mark(this.found.length ? 0 : -1);
    }

    mark(position) {
      this.active = position;
      [...this.list.querySelectorAll("[role=option]")].forEach((row, i) => {
        row.setAttribute("aria-selected", String(i === position));
        if (i === position) row.scrollIntoView({ block: "nearest" });
      });
      if (position < 0) this.input.removeAttribute("aria-activedescendant");
      else this.input.setAttribute("aria-activedescendant", "cm-found-" + position);
    }

    key(event) {
      // while Chinese is being composed these keys belong to the input method
      if (event.isComposing) return;
      const count = this.found.length;
      if (event.key === "Escape") {
        this.input.value = "";
        this.close();
      } else if (event.key === "Enter" && this.active >= 0) {
        this.take(this.found[this.active]);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
        this.mark((this.active + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    }

    close() {
      this.list.hidden = true;
      this.found = [];
      this.mark(-1);
      this.input.setAttribute("aria-expanded", "false");
    }

    take(entry) {
      this.close();
      this.input.value = entry.name;
      this.input.blur();
      this.drawing.map.closePopup();
      if (entry.level === "facility") this.facility(entry.position);
      else this.unit(entry.level, entry.code);
    }

    unit(level, code) {
      const { map, shapes } = this.drawing;
      const feature = shapes[level].features.find((f) => f.properties.code === code);
      const right = Math.min(PANEL, map.getSize().x / 2);
      map.fitBounds(L.geoJSON(feature).getBounds(), { paddingTopLeft: [30, 50], paddingBottomRight: [right, 30], maxZoom: CLOSE, animate: false });
      this.drawing.choose({ level });
      this.drawing.select(level, code);
    }

    facility(position) {
      const { map, values } = this.drawing;
      const row = values.facilities[position];
      const at = [row[1] / 1e5, row[0] / 1e5];
      this.drawing.deselect();
      map.setView(at, Math.max(map.getZoom(), CLOSE), { animate: false });
      L.popup({ className: "cm-popup", offset: [0, -4] }).setLatLng(at).setContent(this.drawing.facilityTip(row)).openOn(map);
    }
  }

  (window.CoverageParts = window.CoverageParts || []).push((drawing) => new Finder(drawing));
})();
