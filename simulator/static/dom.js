// Small tools every part of the page uses: nodes, icons, words in two languages, menus, notices.

const SVG = "http://www.w3.org/2000/svg";
const COOKIE = "korshi_page_language";
let words = {};

/** Make a node: props become attributes, `on*` listeners, `text` its text; children are nodes or strings. */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("use", { href: `/static/icons.svg#${name}` }));
}

export async function loadWords() {
  words = await (await fetch("/static/words.json")).json();
}

export const language = () => document.documentElement.lang;

/** A label of the page in its language, with {named} places filled in. */
export function t(key, facts = {}) {
  const text = words[key]?.[language()] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
}

export const known = (key) => key in words;

export function plural(key, count) {
  const form = { one: "one", few: "few" }[new Intl.PluralRules(language()).select(count)] ?? "many";
  return t(`${key}.${form}`, { count });
}

/** Put the words of the current language into everything that carries a `data-word…` mark. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = t(node.dataset.word);
  for (const node of root.querySelectorAll("[data-word-label]")) {
    node.setAttribute("aria-label", t(node.dataset.wordLabel));
    if (node.title) node.title = t(node.dataset.wordLabel);
  }
  for (const node of root.querySelectorAll("[data-word-hint]")) node.placeholder = t(node.dataset.wordHint);
}

export function setLanguage(code) {
  document.documentElement.lang = code;
  document.cookie = `${COOKIE}=${code}; path=/; max-age=31536000; SameSite=Lax`;
  translate(document);
}

export function initials(name) {
  return name.split(/\s+/).filter((part) => /^[\p{L}\p{N}]/u.test(part)).slice(0, 2)
    .map((part) => [...part][0]).join("").toUpperCase();
}

export const hue = (id) => [...String(id)].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 7;

export function avatar(id, name) {
  return el("span", { class: `avatar hue${hue(id)}`, "aria-hidden": "true", text: initials(name) });
}

/** Kazakhstan keeps UTC+5 all year; browsers with older zone tables still believe in +6. */
export function local(date) {
  const moment = typeof date === "number" ? date * 1000 : Date.parse(date);
  return Number.isFinite(moment) ? new Date(moment + 5 * 3600_000) : new Date(Date.now() + 5 * 3600_000);
}

export const clock = (date) => local(date).toISOString().slice(11, 16);

export function day(date) {
  const moment = local(date);
  if (moment.toISOString().slice(0, 10) === local(Date.now() / 1000).toISOString().slice(0, 10)) return t("phone.today");
  return new Intl.DateTimeFormat(language(), { day: "numeric", month: "long", timeZone: "UTC" }).format(moment);
}

export function bytes(size) {
  if (!Number.isFinite(size)) return "";
  if (size < 1024) return `${size} B`;
  return size < 1048576 ? `${Math.round(size / 1024)} KB` : `${(size / 1048576).toFixed(1)} MB`;
}

/** A line at the bottom of the page that goes away by itself. */
export function notice(text) {
  const line = el("p", { text });
  document.getElementById("notices").append(line);
  setTimeout(() => line.remove(), 5000);
}

/** Open a menu under `anchor`, inside `home`; items are {text, note, icon, danger, act}. */
export function menu(home, anchor, items) {
  home.querySelector(".menu")?.remove();
  const box = el("div", { class: "menu", role: "menu" });
  const shut = (back) => {
    box.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (back) anchor.focus();
  };
  const outside = (event) => { if (!box.contains(event.target)) shut(false); };
  for (const item of items) {
    const label = el("span", { text: item.text });
    if (item.note) label.append(el("small", { text: item.note }));
    box.append(el("button", {
      type: "button", role: "menuitem", class: item.danger ? "danger" : null, "data-item": item.name,
      onclick: () => { shut(true); item.act(); },
    }, item.icon ? icon(item.icon) : null, label));
  }
  box.addEventListener("keydown", (event) => {
    const rows = [...box.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") shut(event.key === "Escape");
    if (!step) return;
    event.preventDefault();
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  });
  home.append(box);
  place(box, home, anchor);
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  box.firstElementChild?.focus();
}

function place(box, home, anchor) {
  const frame = home.getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  const room = { width: frame.width - box.offsetWidth - 6, height: frame.height - box.offsetHeight - 6 };
  const below = at.bottom - frame.top + 2;
  const top = below <= room.height ? below : at.top - frame.top - box.offsetHeight - 2;
  box.style.left = `${Math.max(6, Math.min(at.left - frame.left, room.width))}px`;
  box.style.top = `${Math.max(6, Math.min(top, room.height))}px`;
}
