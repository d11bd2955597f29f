// The precincts of the demo territory as a drawing: to point at a place, and to show one.

import { svg, t } from "/static/dom.js";

let asked = null;
const FILLS = 6;

/** The territory once for the whole page: {shapes, box} in drawing units, or null when there is none. */
export function territory() {
  asked ??= fetch("/demo/territory.geojson")
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((found) => found && project(found.features ?? []))
    .catch(() => null);
  return asked;
}

/** Ready points of the demo city: [{name, latitude, longitude}]. */
export async function readyPoints() {
  try {
    const answer = await fetch("/static/points.json");
    const found = answer.ok ? await answer.json() : [];
    return (Array.isArray(found) ? found : found.points ?? []).map(point).filter(Boolean);
  } catch {
    return [];
  }
}

function point(row) {
  const latitude = Number(row.latitude ?? row.lat);
  const longitude = Number(row.longitude ?? row.lon ?? row.lng);
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return null;
  return { name: row.name ?? row.title ?? row.name_ru, names: row, latitude, longitude };
}

/** Degrees of longitude are shorter than those of latitude; at one city's size one factor is enough. */
function project(features) {
  const rings = [];
  for (const feature of features) {
    const { type, coordinates } = feature.geometry ?? {};
    const polygons = type === "Polygon" ? [coordinates] : type === "MultiPolygon" ? coordinates : [];
    if (polygons.length) rings.push({ facts: feature.properties ?? {}, polygons });
  }
  if (!rings.length) return null;
  const all = rings.flatMap((ring) => ring.polygons.flat(2));
  const lat = all.map(([, y]) => y);
  const lon = all.map(([x]) => x);
  const [south, north, west, east] = [Math.min(...lat), Math.max(...lat), Math.min(...lon), Math.max(...lon)];
  const squeeze = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = 1000 / Math.max((east - west) * squeeze, north - south, 1e-9);
  const isDistrict = ({ facts }) => facts.kind === "district";
  const districts = [...new Set(rings.map(({ facts }) => facts.district ?? ""))];
  return {
    rings: rings.filter((ring) => !isDistrict(ring)),
    outlines: rings.filter(isDistrict),
    fill: ({ district }, index) => (districts.length > 1 ? districts.indexOf(district ?? "") : index) % FILLS,
    width: (east - west) * squeeze * scale,
    height: (north - south) * scale,
    x: (longitude) => (longitude - west) * squeeze * scale,
    y: (latitude) => (north - latitude) * scale,
    longitude: (x) => x / (squeeze * scale) + west,
    latitude: (y) => north - y / scale,
  };
}

export function nameOf(facts) {
  const own = facts[`name_${document.documentElement.lang}`] ?? facts.name;
  return String(own ?? facts.number ?? facts.code ?? facts.id ?? "");
}

function shortName(facts) {
  return String(facts.number ?? nameOf(facts).match(/\d+/)?.[0] ?? facts.code ?? "");
}

/** The precinct a point lies in, or null: the last one wins, as on the drawing. */
export function precinctAt(land, latitude, longitude) {
  const hit = land.rings.filter(({ polygons }) => polygons.some((rings) => isInside(rings, longitude, latitude)));
  return hit.at(-1)?.facts ?? null;
}

function isInside(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
  }
  return inside;
}

export function draw(land, { stroke = 2.5, labels = true } = {}) {
  const image = svg("svg", { preserveAspectRatio: "xMidYMid meet", "aria-hidden": "true" });
  land.rings.forEach(({ facts, polygons }, index) => {
    const kind = `precinct fill${land.fill(facts, index)}`;
    const shape = svg("path", { d: path(land, polygons), class: kind, "stroke-width": stroke, "fill-rule": "evenodd" });
    shape.append(svg("title", { text: nameOf(facts) }));
    image.append(shape);
  });
  for (const { polygons } of land.outlines) {
    image.append(svg("path", { d: path(land, polygons), class: "district", "stroke-width": stroke * 1.6 }));
  }
  if (labels) land.rings.forEach(({ facts, polygons }) => image.append(label(land, facts, polygons[0][0])));
  return image;
}

function path(land, polygons) {
  const corner = ([x, y]) => `${land.x(x).toFixed(1)} ${land.y(y).toFixed(1)}`;
  return polygons.flat().map((ring) => `M${ring.map(corner).join("L")}Z`).join("");
}

function label(land, facts, ring) {
  const xs = ring.map(([x]) => land.x(x));
  const ys = ring.map(([, y]) => land.y(y));
  return svg("text", {
    class: "precinct-name", "font-size": 24, text: shortName(facts),
    x: (Math.min(...xs) + Math.max(...xs)) / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 + 8,
  });
}

export function pin(land, latitude, longitude, size) {
  const [x, y] = [land.x(longitude), land.y(latitude)];
  return svg("path", {
    class: "map-pin", "stroke-width": size / 9,
    d: `M${x} ${y}c${-size * 0.2} ${-size * 0.5} ${-size * 0.5} ${-size * 0.7} ${-size * 0.5} ${-size * 1.1}`
      + `a${size / 2} ${size / 2} 0 0 1 ${size} 0c0 ${size * 0.4} ${-size * 0.3} ${size * 0.6} ${-size * 0.5} ${size * 1.1}z`,
  });
}

/** A little map around one point, for a bubble. */
export async function spotMap(latitude, longitude) {
  const land = await territory();
  if (!land || !Number.isFinite(latitude)) return null;
  const image = draw(land, { stroke: 1.2, labels: false });
  image.append(pin(land, latitude, longitude, 22));
  const [x, y] = [land.x(longitude), land.y(latitude)];
  image.setAttribute("viewBox", `${x - 110} ${y - 62} 220 110`);
  image.setAttribute("preserveAspectRatio", "xMidYMid slice");
  return image;
}

/** The map one points at. Gives {show(latitude, longitude), zoom(factor), describe(latitude, longitude)}. */
export function pointer(home, land, points, chosen) {
  const image = draw(land);
  const marks = svg("g");
  const pad = 30;
  const whole = { x: -pad, y: -pad, width: land.width + 2 * pad, height: land.height + 2 * pad };
  let view = { ...whole };
  let dot = null;
  for (const place of points) {
    image.append(svg("circle", { class: "map-point", r: 7, cx: land.x(place.longitude), cy: land.y(place.latitude) }));
  }
  image.append(marks);
  home.replaceChildren(image);
  const look = () => {
    image.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    if (dot) marks.replaceChildren(pin(land, ...dot, view.width / 26));
  };
  const zoom = (factor, center) => {
    const width = Math.min(whole.width, Math.max(whole.width / 40, view.width * factor));
    const ratio = width / view.width;
    const c = center ?? (dot ? { x: land.x(dot[1]), y: land.y(dot[0]) } : { x: view.x + view.width / 2, y: view.y + view.height / 2 });
    view = { x: c.x - (c.x - view.x) * ratio, y: c.y - (c.y - view.y) * ratio, width, height: view.height * ratio };
    if (width === whole.width) view = { ...whole };
    look();
  };
  const under = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(image.getScreenCTM().inverse());
  let held = null;
  image.addEventListener("pointerdown", (event) => { held = { at: under(event), moved: false }; image.setPointerCapture(event.pointerId); });
  image.addEventListener("pointermove", (event) => {
    if (!held) return;
    const now = under(event);
    if (!held.moved && Math.hypot(now.x - held.at.x, now.y - held.at.y) < view.width / 80) return;
    held.moved = true;
    view = { ...view, x: view.x + held.at.x - now.x, y: view.y + held.at.y - now.y };
    look();
  });
  image.addEventListener("pointerup", (event) => {
    const at = under(event);
    if (held && !held.moved) chosen(land.latitude(at.y), land.longitude(at.x));
    held = null;
  });
  home.onwheel = (event) => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.25 : 0.8, under(event)); };
  home.onkeydown = (event) => {
    const move = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 0.8 : 1.25);
    if (!move) return;
    event.preventDefault();
    const from = dot ?? [land.latitude(view.y + view.height / 2), land.longitude(view.x + view.width / 2)];
    const step = land.latitude(0) - land.latitude(view.width / 50);
    chosen(from[0] + move[0] * step, from[1] + move[1] * step * 1.4);
  };
  look();
  return {
    zoom,
    show: (latitude, longitude) => { dot = [latitude, longitude]; look(); },
    describe: (latitude, longitude) => {
      const facts = precinctAt(land, latitude, longitude);
      return facts ? t("place.precinct", { name: nameOf(facts) }) : t("place.outside");
    },
  };
}
