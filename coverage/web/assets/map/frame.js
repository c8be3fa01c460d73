// The map's frame in the page: loads Leaflet and the drawing, fetches what is drawn by address, and
// tells the page what was clicked. The map stays as it is when the page changes what it shows.
"use strict";
(function () {
  let map = null;
  let drawing = null;
  let shown = { shapes: null, values: null };
  let turn = 0;
  let clicks = 0;
  let loaded = null;
  const fetched = new Map();

  function tell(type, data) {
    window.parent.postMessage({ isStreamlitMessage: true, type: "streamlit:" + type, ...data }, "*");
  }

  function script(address) {
    return new Promise((done, failed) => {
      const node = document.createElement("script");
      node.src = address;
      node.onload = done;
      node.onerror = failed;
      document.head.appendChild(node);
    });
  }

  function style(address) {
    const node = document.createElement("link");
    node.rel = "stylesheet";
    node.href = address;
    document.head.appendChild(node);
  }

  function load(args) {
    if (!loaded) {
      args.styles.forEach(style);
      loaded = args.scripts.reduce((before, address) => before.then(() => script(address)), Promise.resolve());
    }
    return loaded;
  }

  function get(name, args) {
    if (!fetched.has(name)) {
      const answer = fetch(args.base + name, { headers: { "x-visitor": args.visitor } }).then((reply) => {
        if (!reply.ok) throw new Error(String(reply.status));
        return reply.json();
      });
      answer.catch(() => fetched.delete(name));
      fetched.set(name, answer);
      if (fetched.size > 24) fetched.delete(fetched.keys().next().value);
    }
    return fetched.get(name);
  }

  function begin() {
    map = L.map("map", {
      preferCanvas: true, zoomControl: true, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5,
      wheelPxPerZoomLevel: 120, maxZoom: 18, minZoom: 6,
    }).setView([30, 107], 9);
    window.map = map;
    map.on("click", (event) => {
      const hit = drawing ? drawing.hit : null;
      if (drawing) drawing.hit = null;
      const at = { lat: event.latlng.lat, lng: event.latlng.lng };
      // a number of its own, so that a second click on the same place is told too
      clicks += 1;
      tell("setComponentValue", { value: { ...at, ...hit, click: clicks + "-" + Date.now() }, dataType: "json" });
    });
  }

  function render(args) {
    const mine = (turn += 1);
    document.documentElement.lang = args.language === "zh" ? "zh-CN" : "en";
    document.getElementById("map").setAttribute("aria-label", args.words.label);
    tell("setFrameHeight", { height: args.height });
    load(args)
      .then(() => Promise.all([get(args.shapes, args), get(args.values, args)]))
      .then(([shapes, values]) => {
        if (mine !== turn) return;
        document.getElementById("lost").hidden = true;
        if (!map) begin();
        map.invalidateSize({ animate: false });
        const same = shown.shapes === args.shapes && shown.values === args.values;
        shown = { shapes: args.shapes, values: args.values };
        if (!drawing) drawing = window.CoverageMap.draw(map, shapes, values, args.options);
        else if (same) drawing.update(args.options);
        else window.CoverageMap.draw(map, shapes, values, args.options);
      })
      .catch(() => {
        if (mine !== turn) return;
        const box = document.getElementById("lost");
        box.textContent = args.words.lost;
        box.hidden = false;
      });
  }

  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.data.type === "streamlit:render") render(event.data.args);
  });
  window.addEventListener("resize", () => { if (map) map.invalidateSize({ animate: false }); });
  tell("componentReady", { apiVersion: 1 });
})();
