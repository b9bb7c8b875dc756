// Maps of entities on the ground of basemap.js.
"use strict";

const POLL_MS = 10000;

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

function moment(text) {
  const read = new Date(text);
  return Number.isNaN(read.getTime()) ? text : read.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

function parsed(value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try { return JSON.parse(value); } catch { return value; }
}

// What a pop-up says: the name, then what is known, with its unit and the time of observation.
function card(properties, place) {
  const box = document.createElement("div"), list = document.createElement("dl");
  const labels = JSON.parse(place.dataset.labels || "{}");
  for (const [name, value] of Object.entries(properties)) {
    if (["location", "@context", "id", "type", "name"].includes(name) || name.endsWith("_observedAt") || list.children.length >= 48) continue;
    const [label, unit] = labels[name] ?? [name, ""], text = plain(parsed(value)).slice(0, 200), at = properties[`${name}_observedAt`];
    if (!text) continue;
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = label;
    said.textContent = `${text}${unit ? ` ${unit}` : ""}${at ? ` (${moment(at)})` : ""}`;
    list.append(term, said);
  }
  const title = document.createElement(place.dataset.page ? "a" : "b");
  title.textContent = plain(parsed(properties.name)) || place.dataset.more;
  if (place.dataset.page) title.href = place.dataset.page + encodeURIComponent(properties.id);
  box.append(title, list);
  return box;
}

// Take an entity as a stream of changes tells it (NGSI-LD, normalized) into the features; those without a place are left.
function take(features, entity) {
  const { id, type, location, ...attributes } = entity, properties = { id };
  if (!location?.value?.coordinates) return;
  for (const [name, told] of Object.entries(attributes)) {
    const instance = Array.isArray(told) ? told[0] : told;
    if (name === "@context" || typeof instance !== "object") continue;
    properties[name] = plain(instance);
    if (instance.observedAt) properties[`${name}_observedAt`] = instance.observedAt;
  }
  const feature = { type: "Feature", id, geometry: location.value, properties };
  const known = features.findIndex(each => each.id === id);
  if (known < 0) features.push(feature); else features[known] = feature;
}

// Keep data as the stream of changes tells them. What is told while everything is read anew is told to what was read, too.
function follow(place, data, { read, show, failed }) {
  let reading = 0, meanwhile = [], drawing = 0;
  const again = async () => {
    reading += 1;
    try {
      const now = await read();
      meanwhile.forEach(change => change(now));
      data = now;
      show(data);
    } catch { failed(); }
    reading -= 1;
    if (!reading) meanwhile = [];
  };
  const told = change => {
    change(data);
    if (reading) meanwhile.push(change);
    drawing ||= setTimeout(() => { drawing = 0; show(data); }, 500);
  };
  const poll = () => setTimeout(async () => { if (!document.hidden) await again(); poll(); }, POLL_MS);
  const source = new EventSource(place.dataset.changes);
  source.addEventListener("ready", again);
  source.addEventListener("gap", again);
  source.addEventListener("deleted", event => {
    const { id } = JSON.parse(event.data);
    told(known => { known.features = known.features.filter(each => each.id !== id); });
  });
  source.onmessage = event => {
    if (!event.data) return;
    const entity = JSON.parse(event.data);
    told(known => take(known.features, entity));
  };
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) poll(); };
}

async function draw(place) {
  const status = place.parentElement.querySelector("[data-map-status]");
  const tell = text => { status.textContent = text; };
  const read = async () => {
    const answer = await fetch(place.dataset.geojson, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(answer.status);
    const data = await answer.json();
    data.features = data.features.filter(each => each.geometry?.coordinates?.length);
    for (const each of data.features) each.properties = { id: each.id, ...each.properties };
    return data;
  };
  const said = count => place.dataset.status.replace("{n}", count.toLocaleString()).replace("{time}", new Date().toLocaleTimeString());
  let data;
  try { data = await read(); } catch { tell(place.dataset.failed); return; }
  if (!data.features.length) { tell(place.dataset.empty); return; }
  const box = boxOf(data.features);
  place.classList.add("drawn");
  const map = basemap(place, {
    bounds: box,
    sources: { data: { type: "geojson", data } },
    layers: [
      { id: "areas", type: "fill", source: "data", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#0017c1", "fill-opacity": 0.2 } },
      { id: "lines", type: "line", source: "data", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#0017c1", "line-width": 3 } },
      { id: "points", type: "circle", source: "data", filter: ["==", ["geometry-type"], "Point"], paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 5, 15, 9],
        "circle-color": ["case", ["all", ["has", "alertLevel"], [">=", ["to-number", ["get", "alertLevel"]], 2]], "#ce0000", "#0017c1"],
        "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
    ],
  });
  for (const layer of ["points", "areas", "lines"]) {
    map.on("click", layer, event => {
      new maplibregl.Popup({ maxWidth: "20rem" }).setLngLat(event.lngLat).setDOMContent(card(event.features[0].properties, place)).addTo(map);
    });
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  tell(said(data.features.length));
  place.dataset.ready = "true";
  if (!place.dataset.changes) return;
  const show = now => { map.getSource("data").setData(now); tell(said(now.features.length)); };
  follow(place, data, { read, show, failed: () => tell(place.dataset.failed) });
}

document.querySelectorAll(".map[data-geojson]").forEach(draw);
