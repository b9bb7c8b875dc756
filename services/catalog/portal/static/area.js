// The area of a search: a rectangle drawn on a map, what the map shows, or what lies near here, into the form's fields.
"use strict";

const SIDES = ["west", "south", "east", "north"];
const JAPAN = [127, 30, 146, 45.6];
const NEAR_KM = 5, KM_A_DEGREE = 111.32;

const side = name => document.getElementById(name);

function given() {
  const box = SIDES.map(name => (side(name).value.trim() ? Number(side(name).value) : NaN));
  return box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3] ? box : null;
}

function fill(box) {
  SIDES.forEach((name, at) => { side(name).value = box[at].toFixed(4); });
}

function outline(box) {
  const [west, south, east, north] = box;
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

function load(area) {
  const look = document.createElement("link"), library = document.createElement("script");
  look.rel = "stylesheet";
  look.href = area.dataset.sheet;
  library.src = area.dataset.library;
  document.head.append(look, library);
  return new Promise((done, failed) => { library.onload = done; library.onerror = failed; });
}

function rectangles(map, area) {
  const button = area.querySelector("[data-draw]");
  const show = box => map.getSource("chosen")?.setData(box ? outline(box) : { type: "FeatureCollection", features: [] });
  const arm = on => {
    button.setAttribute("aria-pressed", String(on));
    map.getCanvas().style.cursor = on ? "crosshair" : "";
    map.dragPan[on ? "disable" : "enable"]();
  };
  const isArmed = () => button.getAttribute("aria-pressed") === "true";
  let start = null;
  const boxTo = end => [Math.min(start.lng, end.lng), Math.min(start.lat, end.lat), Math.max(start.lng, end.lng), Math.max(start.lat, end.lat)];
  const begin = event => { if (isArmed()) { event.preventDefault(); start = event.lngLat; } };
  const move = event => { if (start) show(boxTo(event.lngLat)); };
  const end = event => {
    if (!start) return;
    const box = boxTo(event.lngLat);
    start = null;
    if (box[0] < box[2] && box[1] < box[3]) { fill(box); arm(false); }
  };
  button.addEventListener("click", () => arm(!isArmed()));
  ["mousedown", "touchstart"].forEach(each => map.on(each, begin));
  ["mousemove", "touchmove"].forEach(each => map.on(each, move));
  ["mouseup", "touchend"].forEach(each => map.on(each, end));
  area.querySelector("[data-view]").addEventListener("click", () => {
    const box = map.getBounds().toArray().flat();
    fill(box);
    show(box);
  });
  for (const name of SIDES) side(name).addEventListener("change", () => show(given()));
}

async function open(area) {
  if (area.dataset.isOpen) return;
  area.dataset.isOpen = "true";
  try { await load(area); } catch { return; }
  area.hidden = false;
  const place = area.querySelector(".map"), box = given();
  place.dataset.title = area.dataset.title;
  const map = basemap(place, {
    bounds: box ?? JAPAN,
    sources: { chosen: { type: "geojson", data: box ? outline(box) : { type: "FeatureCollection", features: [] } } },
    layers: [
      { id: "inside", type: "fill", source: "chosen", paint: { "fill-color": "#0017c1", "fill-opacity": 0.15 } },
      { id: "edge", type: "line", source: "chosen", paint: { "line-color": "#0017c1", "line-width": 3 } },
    ],
  });
  map.cooperativeGestures.disable();
  rectangles(map, area);
  map.once("style.load", () => { area.dataset.ready = "true"; });
}

for (const area of document.querySelectorAll("[data-area]")) {
  const folds = [];
  for (let each = area.closest("details"); each; each = each.parentElement.closest("details")) folds.push(each);
  const look = () => { if (folds.every(each => each.open)) open(area); };
  folds.forEach(each => each.addEventListener("toggle", look));
  look();
}

for (const near of document.querySelectorAll("[data-near]")) {
  if (!navigator.geolocation || !window.isSecureContext) continue;
  const button = near.querySelector("button"), status = near.querySelector("[role=status]");
  near.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = "";
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const north = NEAR_KM / KM_A_DEGREE, east = north / Math.cos(coords.latitude * Math.PI / 180);
      fill([coords.longitude - east, coords.latitude - north, coords.longitude + east, coords.latitude + north]);
      button.form.requestSubmit();
    }, () => { status.textContent = status.dataset.failed; }, { timeout: 20000, maximumAge: 60000 });
  });
}
