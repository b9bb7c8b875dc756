// Maps of entities on the ground of basemap.js.
"use strict";

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
