// What a map tells of the entities at a point.
"use strict";

const MOST_TOLD = 5, BESIDE = 8, MOST_LINES = 48;

function moment(text) {
  const read = new Date(text);
  return Number.isNaN(read.getTime()) ? text : read.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

function parsed(value) {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try { return JSON.parse(value); } catch { return value; }
}

// The attributes that are told: the layer's main ones, of a table all.
function linesOf(properties, layer) {
  if (layer.attributes.length) return layer.attributes;
  const names = Object.keys(properties).filter(name => !["location", "@context", "id", "type", "name"].includes(name) && !name.endsWith("_observedAt"));
  return names.slice(0, MOST_LINES).map(name => ({ name, label: name, unit: "", values: {} }));
}

// The name, which leads to the page, then what is known, with its unit and the time of observation.
function card(properties, layer, place) {
  const box = document.createElement("section"), list = document.createElement("dl");
  for (const { name, label, unit, values } of linesOf(properties, layer)) {
    const text = plain(parsed(properties[name])).slice(0, 200), at = properties[`${name}_observedAt`];
    if (!text) continue;
    const term = document.createElement("dt"), said = document.createElement("dd");
    term.textContent = label;
    said.textContent = `${values[text] ?? text}${unit ? ` ${unit}` : ""}${at ? ` (${moment(at)})` : ""}`;
    list.append(term, said);
  }
  const title = document.createElement(layer.page ? "a" : "b");
  title.textContent = plain(parsed(properties.name)) || plain(parsed(properties.title)) || place.dataset.more;
  if (layer.page) title.href = layer.page + encodeURIComponent(properties.id);
  box.append(title, list);
  return box;
}

// Open what is nearest to a point of the map, within some pixels, with what lies beside that.
function openAt(map, place, point, { reach, layerOf, layers }) {
  const corners = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
  const found = new Map();
  for (const each of map.queryRenderedFeatures(corners, { layers })) found.set(`${each.source} ${each.properties.id}`, each);
  const far = ({ geometry }) => {
    if (geometry.type !== "Point") return reach;
    const at = map.project(geometry.coordinates);
    return Math.hypot(at.x - point.x, at.y - point.y);
  };
  const all = [...found.values()].sort((one, other) => far(one) - far(other));
  if (!all.length) return;
  const near = all.filter(each => far(each) <= far(all[0]) + BESIDE).slice(0, MOST_TOLD);
  const told = document.createElement("div");
  told.append(...near.map(each => card(each.properties, layerOf(each.source), place)));
  const at = near[0].geometry.type === "Point" ? near[0].geometry.coordinates : map.unproject(point);
  const popup = new maplibregl.Popup({ maxWidth: "min(20rem, 80vw)" }).setLngLat(at).setDOMContent(told).addTo(map);
  popup.getElement().addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    popup.remove();
    map.getCanvas().focus();
  });
}
