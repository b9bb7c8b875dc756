// The ground of every map: tiles of the Geospatial Information Authority of Japan where they can be reached, else a grid.
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

const IN_JAPANESE = {
  "CooperativeGesturesHandler.WindowsHelpText": "Ctrlキーを押しながらスクロールすると拡大・縮小します",
  "CooperativeGesturesHandler.MacHelpText": "⌘キーを押しながらスクロールすると拡大・縮小します",
  "CooperativeGesturesHandler.MobileHelpText": "地図は2本の指で動かせます",
  "NavigationControl.ZoomIn": "拡大する", "NavigationControl.ZoomOut": "縮小する", "NavigationControl.ResetBearing": "北を上にする",
  "Map.Title": "地図", "Popup.Close": "閉じる",
};

// A map in a place, over a box of [west, south, east, north], with further sources and layers on the ground.
// Where a hash is named, the address's fragment tells what part is shown.
function basemap(place, { bounds, sources = {}, layers = [], hash = false }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new maplibregl.Map({
    container: place, bounds, fitBoundsOptions: { padding: 40, maxZoom: 15 }, maxZoom: 18, fadeDuration: calm ? 0 : 300,
    cooperativeGestures: true, hash, attributionControl: { compact: false },
    locale: document.documentElement.lang === "ja" ? IN_JAPANESE : {},
    style: {
      version: 8,
      sources: {
        grid: { type: "geojson", data: grid() },
        fine: { type: "geojson", data: fine(bounds) },
        tiles: { type: "raster", tiles: [TILES], tileSize: 256, minzoom: 5, maxzoom: 18, attribution: CREDIT },
        ...sources,
      },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#f0f9ff" } },
        { id: "grid", type: "line", source: "grid", paint: { "line-color": "#97d3ff" } },
        { id: "fine", type: "line", source: "fine", paint: { "line-color": "#c0e4ff" } },
        { id: "tiles", type: "raster", source: "tiles" },
        ...layers,
      ],
    },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.getCanvas().setAttribute("aria-label", place.dataset.title);
  map.on("error", () => {});  // tiles out of reach leave the grid
  return map;
}
