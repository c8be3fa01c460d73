// Lay the offline map out on a sheet A4 while it is printed: map, legend, figures, scale and source.
"use strict";
(function () {
  class Sheet {
    constructor(drawing) {
      this.drawing = drawing;
      this.before = null;
      const frame = drawing.options.frame;
      const { words, source } = drawing.values;
      const button = document.createElement("button");
      button.className = "cm-print-button";
      button.textContent = words.print;
      button.onclick = () => window.print();
      const foot = document.createElement("p");
      foot.className = "cm-print-foot";
      foot.textContent = source;
      frame.querySelector(".cm-hint").after(button);
      frame.append(foot);
      window.addEventListener("beforeprint", () => this.begin());
      window.addEventListener("afterprint", () => this.end());
      window.matchMedia("print").addEventListener("change", (e) => (e.matches ? this.begin() : this.end()));
    }

    begin() {
      if (this.before) return;
      const { map, shapes } = this.drawing;
      const whole = L.latLngBounds(shapes.bounds);
      this.before = { centre: map.getCenter(), zoom: map.getZoom(), fine: L.Browser.retina };
      const seen = map.getBounds();
      map.closePopup();
      document.documentElement.classList.add("cm-print");
      // twice the points of a screen
      L.Browser.retina = true;
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(seen.contains(whole) ? whole : seen, { animate: false });
      this.settle();
    }

    end() {
      if (!this.before) return;
      const { map } = this.drawing;
      const { centre, zoom, fine } = this.before;
      this.before = null;
      document.documentElement.classList.remove("cm-print");
      L.Browser.retina = fine;
      map.invalidateSize({ animate: false, pan: false });
      map.setView(centre, zoom, { animate: false });
      this.settle();
    }

    // printing does not wait for the next frame, in which Leaflet would draw
    settle() {
      this.drawing.renderer._update();
      this.drawing.renderer._updatePaths();
    }
  }

  (window.CoverageParts = window.CoverageParts || []).push((drawing) => new Sheet(drawing));
})();
