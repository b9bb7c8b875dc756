// The data of a map's layers: read from their addresses, and kept as one stream of changes tells them.
"use strict";

const POLL_MS = 10000, DRAW_MS = 500;

function plain(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if ("value" in value) return plain(value.value);
  if ("object" in value) return plain(value.object);
  return JSON.stringify(value);
}

async function readLayer(layer) {
  const answer = await fetch(layer.features, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok) throw new Error(answer.status);
  const data = await answer.json();
  data.features = data.features.filter(each => each.geometry?.coordinates?.length).slice(0, layer.most);
  for (const each of data.features) each.properties = { id: each.id, ...each.properties };
  return data;
}

// Take an entity as a stream tells it (NGSI-LD, normalized) into the features; those without a place are left.
function take(features, entity, most) {
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
  if (known >= 0) features[known] = feature;
  else if (features.length < most) features.push(feature);
}

// Read a layer anew. What is told of it meanwhile is told to what was read, too.
async function renew(layer, { show, failed }) {
  layer.reading = (layer.reading ?? 0) + 1;
  layer.meanwhile ??= [];
  try {
    const now = await readLayer(layer);
    layer.meanwhile.forEach(change => change(now));
    layer.data = now;
    show(layer);
  } catch { failed(layer); }
  layer.reading -= 1;
  if (!layer.reading) layer.meanwhile = [];
}

async function renewAll(layers, heard) {
  for (const layer of layers) await renew(layer, heard);
}

// Keep layers as their streams tell them, those of each publisher by one; return what ends that.
function follow(layers, heard) {
  const names = layers.map(each => `dataset=${encodeURIComponent(each.name)}`).join("&");
  const source = new EventSource(`/live/changes?${names}`);
  let polling = 0, ended = false;
  const poll = () => {
    polling = setTimeout(async () => {
      if (!document.hidden) await renewAll(layers, heard);
      if (!ended) poll();
    }, POLL_MS);
  };
  const told = (layer, change) => {
    change(layer.data);
    if (layer.reading) layer.meanwhile.push(change);
    layer.drawing ||= setTimeout(() => { layer.drawing = 0; heard.show(layer); }, DRAW_MS);
  };
  for (const publisher of new Set(layers.map(each => each.publisher))) {
    const own = layers.filter(each => each.publisher === publisher);
    const ofType = types => (own.length === 1 ? own : own.filter(each => each.types.some(type => types.includes(type))));
    const on = (kind, act) => source.addEventListener(`${kind} ${publisher}`, event => act(JSON.parse(event.data)));
    on("ready", () => renewAll(own, heard));
    on("gap", () => renewAll(own, heard));
    on("deleted", ({ id }) => own.forEach(layer => told(layer, known => { known.features = known.features.filter(each => each.id !== id); })));
    on("message", entity => ofType([entity.type].flat()).forEach(layer => told(layer, known => take(known.features, entity, layer.most))));
  }
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) poll(); };
  return () => { ended = true; source.close(); clearTimeout(polling); };
}
