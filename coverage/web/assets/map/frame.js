// The map's frame in the page: loads Leaflet and the drawing, fetches what is drawn by address, and
// tells the page what was clicked. The map stays as it is when the page changes what it shows.
"use strict";
(function () {
  let map = null;
  let drawing = null;
  let shown = { shapes: null, values: null };
  let turn = 0;
  let waiting = []; // clicks that the page has not heard of yet
  let number = 0;
  let sent = 0;
  let again = null;
  let patience = 0;
  let unsaved = false;
  let loaded = null;
  const fetched = new Map();
  const PATIENCE_MS = 4000; // until a click is told again; twice as long each time

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
    map.getContainer().addEventListener("keydown", press);
    map.on("click", (event) => {
      const hit = drawing ? drawing.hit : null;
      if (drawing) drawing.hit = null;
      // the second half of a double click zooms; it is no click of its own
      if (event.originalEvent && event.originalEvent.detail > 1) return;
      number = Math.max(number + 1, Date.now());
      waiting.push({ lat: event.latlng.lat, lng: event.latlng.lng, ...hit, click: number });
      patience = PATIENCE_MS;
      report();
    });
  }

  // for those without a mouse: arrows move the map, and Enter clicks where its cross is
  function press(event) {
    const box = map.getContainer();
    if (event.key !== "Enter" || event.target !== box) return;
    const at = { clientX: box.clientWidth / 2, clientY: box.clientHeight / 2 };
    const under = document.elementFromPoint(at.clientX, at.clientY);
    if (under) under.dispatchEvent(new MouseEvent("click", { ...at, bubbles: true, detail: 1, view: window }));
  }

  // tell all clicks that are not heard of, again and again: one that meets a page at work may get lost
  function report() {
    clearTimeout(again);
    if (!waiting.length) return;
    sent += 1;
    tell("setComponentValue", { value: { clicks: waiting, sent }, dataType: "json" });
    again = setTimeout(report, patience);
    patience *= 2;
  }

  // the frame has another size: a map that nobody has moved shows the whole area again
  function fill() {
    if (!map) return;
    const untouched = drawing && drawing.untouched();
    map.invalidateSize({ animate: false });
    if (drawing) drawing.unfold();
    if (untouched) drawing.fit();
  }

  function render(args) {
    const mine = (turn += 1);
    number = Math.max(number, args.heard);
    waiting = waiting.filter((click) => click.click > args.heard);
    unsaved = args.unsaved;
    document.documentElement.lang = args.language === "zh" ? "zh-CN" : "en";
    document.getElementById("map").setAttribute("aria-label", args.words.label);
    tell("setFrameHeight", { height: args.height });
    load(args)
      .then(() => Promise.all([get(args.shapes, args), get(args.values, args)]))
      .then(([shapes, values]) => {
        if (mine !== turn) return;
        document.getElementById("lost").hidden = true;
        if (!map) begin();
        fill();
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
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  window.addEventListener("resize", fill);
  tell("componentReady", { apiVersion: 1 });
})();
