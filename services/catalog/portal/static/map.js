// Maps of entities on the ground of basemap.js: layers with symbols of their own, kept by layers.js, told by popup.js.
"use strict";

const ALERT = "#ce0000", SIDE = 48;
const ALERTED = ["all", ["has", "alertLevel"], [">=", ["to-number", ["get", "alertLevel"]], 2]];

function boxOf(layers) {
  const box = [180, 90, -180, -90];
  const take = part => {
    if (typeof part[0] === "number") {
      box[0] = Math.min(box[0], part[0]); box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]); box[3] = Math.max(box[3], part[1]);
    } else part.forEach(take);
  };
  layers.forEach(layer => layer.data?.features.forEach(each => take(each.geometry.coordinates)));
  return box;
}

// The picture of a symbol: its outline in its colour with a white rim; of an alert in red, with an exclamation mark.
function picture(symbol, isAlert) {
  const canvas = document.createElement("canvas"), scale = (SIDE - 8) / 24;
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d"), outline = new Path2D(symbol.path);
  pen.translate(4, 4);
  pen.scale(scale, scale);
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  pen.strokeStyle = isAlert ? "#000000" : "#ffffff";
  pen.stroke(outline);
  pen.fillStyle = isAlert ? ALERT : symbol.colour;
  pen.fill(outline);
  if (isAlert) {
    pen.fillStyle = "#ffffff";
    pen.fillRect(10.5, 6, 3, 8);
    pen.fillRect(10.5, 16, 3, 3);
  }
  return pen.getImageData(0, 0, SIDE, SIDE);
}

const sourceOf = layer => `layer ${layer.name}`;

function drawnAs(layer) {
  const source = sourceOf(layer), { symbol } = layer;
  const isArea = ["==", ["geometry-type"], "Polygon"], isPoint = ["==", ["geometry-type"], "Point"];
  return [
    { id: `${source} areas`, type: "fill", source, filter: isArea, paint: { "fill-color": symbol.colour, "fill-opacity": 0.2 } },
    { id: `${source} lines`, type: "line", source, filter: ["!", isPoint], paint: { "line-color": symbol.colour, "line-width": 3 } },
    { id: `${source} symbols`, type: "symbol", source, layout: {
      "icon-image": ["case", ALERTED, `${symbol.name} alert`, symbol.name],
      "icon-size": ["interpolate", ["linear"], ["zoom"], 8, ["case", ALERTED, 1, 0.75], 15, ["case", ALERTED, 1.25, 1]],
      "icon-allow-overlap": true, "symbol-sort-key": ["case", ALERTED, 1, 0] } },
  ];
}

function put(map, layer) {
  for (const isAlert of [false, true]) {
    const id = isAlert ? `${layer.symbol.name} alert` : layer.symbol.name;
    if (!map.hasImage(id)) map.addImage(id, picture(layer.symbol, isAlert), { pixelRatio: 2 });
  }
  if (!map.getSource(sourceOf(layer))) map.addSource(sourceOf(layer), { type: "geojson", data: layer.data });
  drawnAs(layer).forEach(each => { if (!map.getLayer(each.id)) map.addLayer(each); });
}

// Show all layers where none of what is new lies in the part that is shown.
function comeToSee(map, layers, fresh) {
  const box = boxOf(fresh), shown = map.getBounds();
  const isApart = box[2] < shown.getWest() || box[0] > shown.getEast() || box[3] < shown.getSouth() || box[1] > shown.getNorth();
  if (box[0] <= box[2] && isApart) map.fitBounds(boxOf(layers), { padding: 40, maxZoom: 15, animate: false });
}

function takeOff(map, layer, withData) {
  drawnAs(layer).forEach(each => { if (map.getLayer(each.id)) map.removeLayer(each.id); });
  if (withData && map.getSource(sourceOf(layer))) map.removeSource(sourceOf(layer));
}

// Make the map itself, over all that its layers show.
async function opened(place, atlas) {
  place.classList.add("drawn");
  const map = basemap(place, { bounds: boxOf(atlas.layers), hash: place.dataset.hash ?? false });
  const ways = reach => ({
    reach,
    layerOf: source => atlas.layers.find(each => sourceOf(each) === source),
    layers: atlas.layers.flatMap(drawnAs).map(each => each.id).filter(id => map.getLayer(id)),
  });
  map.on("click", event => openAt(map, place, event.point, ways(8)));
  map.on("mousemove", ({ point }) => {
    map.getCanvas().style.cursor = map.queryRenderedFeatures(point, ways(0)).length ? "pointer" : "";
  });
  map.getCanvas().addEventListener("keydown", event => {
    if (event.key === "Enter") openAt(map, place, map.project(map.getCenter()), ways(place.clientWidth));
  });
  place.parentElement.querySelector("[data-map-keys]").hidden = false;
  await new Promise(done => { map.once("style.load", done); });
  return map;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The legend tells how many there are; of a layer that is cut off the server knows it alone.
function sayCount({ name, data, most }) {
  const node = document.querySelector(`[data-count="${CSS.escape(name)}"]`);
  if (node && data && data.features.length < most) say(node, data.features.length.toLocaleString());
}

// Show layers in a place, in the stead of those that it showed.
async function choose(place, atlas, wanted) {
  const { dataset, parentElement } = place, status = parentElement.querySelector("[data-map-status]");
  const tell = () => {
    const count = atlas.layers.reduce((sum, each) => sum + (each.data?.features.length ?? 0), 0);
    atlas.layers.forEach(sayCount);
    const failed = atlas.layers.some(each => each.failed) ? ` ${dataset.failed}` : "";
    say(status, (count || failed ? dataset.status.replace("{n}", count.toLocaleString()) : dataset.empty) + failed);
    parentElement.querySelector("[data-map-time]").textContent = dataset.time.replace("{time}", new Date().toLocaleTimeString());
  };
  const heard = {
    show: layer => {
      layer.failed = false;
      atlas.map?.getSource(sourceOf(layer))?.setData(layer.data);
      tell();
      if (!atlas.opened && layer.data.features.length && atlas.isReady) choose(place, atlas, wanted);
    },
    failed: layer => { layer.failed = true; tell(); },
  };
  atlas.stop();
  atlas.isReady = false;
  const number = atlas.number = atlas.number + 1, known = atlas.layers;
  atlas.layers = wanted.map(each => ({ ...each, data: known.find(other => other.name === each.name)?.data }));
  if (atlas.map) known.forEach(each => takeOff(atlas.map, each, !wanted.some(other => other.name === each.name)));
  await renewAll(atlas.layers.filter(each => !each.data), heard);
  if (number !== atlas.number) return;
  for (const each of atlas.layers) each.data ??= { type: "FeatureCollection", features: [] };
  if (atlas.layers.some(each => each.data.features.length)) atlas.opened ??= opened(place, atlas);
  atlas.map = await atlas.opened;
  if (number !== atlas.number) return;
  if (atlas.map) {
    atlas.layers.forEach(each => put(atlas.map, each));
    if (known.length) comeToSee(atlas.map, atlas.layers, atlas.layers.filter(each => !known.some(other => other.name === each.name)));
  }
  tell();
  atlas.isReady = true;
  place.dataset.ready = wanted.map(each => each.name).join(" ");
  if (atlas.layers.some(each => each.publisher)) atlas.stop = follow(atlas.layers, heard);
}

for (const place of document.querySelectorAll(".map[data-layers]")) {
  const atlas = { layers: [], stop: () => {}, number: 0 };
  place.addEventListener("layers", event => choose(place, atlas, event.detail));
  choose(place, atlas, JSON.parse(place.dataset.layers));
}
