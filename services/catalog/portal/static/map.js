// Maps of entities: tiles of the Geospatial Information Authority of Japan where they can be reached, else a plain grid.
"use strict";

const TILES = "https://cyberjapandata.gsi.go.jp/xyz/pale/{z}/{x}/{y}.png";
const CREDIT = '<a href="https://maps.gsi.go.jp/development/ichiran.html" rel="noopener">地理院タイル</a>';

function grid() {
  const lines = [];
  for (let x = 120; x <= 156; x++) lines.push([[x, 20], [x, 48]]);
  for (let y = 20; y <= 48; y++) lines.push([[120, y], [156, y]]);
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

function fine(box) {
  const lines = [], step = Math.max((box[2] - box[0]) / 8, 0.002);
  const from = Math.floor((box[0] - step * 8) / step), to = Math.ceil((box[2] + step * 8) / step);
  const low = Math.floor((box[1] - step * 8) / step), high = Math.ceil((box[3] + step * 8) / step);
  for (let x = from; x <= to; x++) lines.push([[x * step, low * step], [x * step, high * step]]);
  for (let y = low; y <= high; y++) lines.push([[from * step, y * step], [to * step, y * step]]);
  return { type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } };
}

function boxOf(features) {
  const box = [180, 90, -180, -90];
  const take = part => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
    } else part.forEach(take);
  };
  features.forEach(each => take(each.geometry.coordinates));
  return box;
}

function plain(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if ("value" in value) return plain(value.value);
  if ("object" in value) return plain(value.object);
  return JSON.stringify(value);
}

function card(feature) {
  const list = document.createElement("dl");
  for (const [name, value] of Object.entries(feature.properties)) {
    if (["location", "@context", "id", "type"].includes(name) || list.children.length >= 24) continue;
    let shown = value;
    try { if (typeof value === "string" && /^[[{]/.test(value)) shown = JSON.parse(value); } catch { shown = value; }
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = name;
    said.textContent = plain(shown).slice(0, 200);
    list.append(term, said);
  }
  return list;
}

async function draw(place) {
  const status = place.parentElement.querySelector("[data-map-status]");
  const tell = text => { status.textContent = text; };
  const read = async () => {
    const answer = await fetch(place.dataset.geojson, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(answer.status);
    const data = await answer.json();
    data.features = data.features.filter(each => each.geometry && each.geometry.coordinates && each.geometry.coordinates.length);
    return data;
  };
  const said = count => place.dataset.status.replace("{n}", count.toLocaleString()).replace("{time}", new Date().toLocaleTimeString());
  let data;
  try { data = await read(); } catch { tell(place.dataset.failed); return; }
  if (!data.features.length) { tell(place.dataset.empty); return; }
  const box = boxOf(data.features);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.classList.add("drawn");
  const map = new maplibregl.Map({
    container: place, bounds: box, fitBoundsOptions: { padding: 40, maxZoom: 15 }, maxZoom: 18, fadeDuration: calm ? 0 : 300,
    cooperativeGestures: true, attributionControl: { compact: false },
    locale: document.documentElement.lang === "ja" ? {
      "CooperativeGesturesHandler.WindowsHelpText": "Ctrlキーを押しながらスクロールすると拡大・縮小します",
      "CooperativeGesturesHandler.MacHelpText": "⌘キーを押しながらスクロールすると拡大・縮小します",
      "CooperativeGesturesHandler.MobileHelpText": "地図は2本の指で動かせます",
      "NavigationControl.ZoomIn": "拡大する", "NavigationControl.ZoomOut": "縮小する", "NavigationControl.ResetBearing": "北を上にする",
      "Map.Title": "地図", "Popup.Close": "閉じる",
    } : {},
    style: {
      version: 8,
      sources: {
        grid: { type: "geojson", data: grid() },
        fine: { type: "geojson", data: fine(box) },
        tiles: { type: "raster", tiles: [TILES], tileSize: 256, minzoom: 5, maxzoom: 18, attribution: CREDIT },
        data: { type: "geojson", data },
      },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#f0f9ff" } },
        { id: "grid", type: "line", source: "grid", paint: { "line-color": "#97d3ff" } },
        { id: "fine", type: "line", source: "fine", paint: { "line-color": "#c0e4ff" } },
        { id: "tiles", type: "raster", source: "tiles" },
        { id: "areas", type: "fill", source: "data", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#0017c1", "fill-opacity": 0.2 } },
        { id: "lines", type: "line", source: "data", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#0017c1", "line-width": 3 } },
        { id: "points", type: "circle", source: "data", filter: ["==", ["geometry-type"], "Point"], paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 5, 15, 9],
          "circle-color": ["case", ["all", ["has", "alertLevel"], [">=", ["to-number", ["get", "alertLevel"]], 2]], "#ce0000", "#0017c1"],
          "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
      ],
    },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.getCanvas().setAttribute("aria-label", place.dataset.title);
  map.on("error", () => {});  // tiles out of reach leave the grid
  for (const layer of ["points", "areas", "lines"]) {
    map.on("click", layer, event => {
      new maplibregl.Popup({ maxWidth: "20rem" }).setLngLat(event.lngLat).setDOMContent(card(event.features[0])).addTo(map);
    });
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  tell(said(data.features.length));
  place.dataset.ready = "true";
  const every = Number(place.dataset.follow) * 1000;
  if (!every) return;
  const follow = async () => {
    if (!document.hidden) {
      try {
        const now = await read();
        map.getSource("data").setData(now);
        tell(said(now.features.length));
      } catch { tell(place.dataset.failed); }
    }
    setTimeout(follow, every);
  };
  setTimeout(follow, every);
}

document.querySelectorAll(".map[data-geojson]").forEach(draw);
