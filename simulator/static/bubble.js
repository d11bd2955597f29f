// One message as its messenger shows it: words, media, buttons, time and ticks.

import { bytes, clock, el, hue, icon, known, svg, t } from "/static/dom.js";
import { spotMap } from "/static/map.js";
import { words } from "/static/text.js";

const TICKS = {
  pending: "clock", accepted: "clock", queued: "clock", sending: "clock", sent: "tick", delivered: "ticks", read: "ticks",
  failed: "alarm", undelivered: "alarm",
};
const FAILED = ["failed", "undelivered"];

/** `phone` gives channel, isMine(message), quoted(id), and what presses do: taps, press, more, show. */
export function bubble(message, phone) {
  if (message.from === "service" || message.service) {
    return mark(el("p", { class: "service", text: serviceWords(message) }), message);
  }
  const bare = !message.deleted && ["sticker", "video_note"].includes(message.media?.kind);
  const box = mark(el("article", { class: "message" }), message);
  box.classList.toggle("mine", phone.isMine(message));
  box.classList.toggle("deleted", Boolean(message.deleted));
  box.classList.toggle("failed", FAILED.includes(message.status));
  box.classList.toggle("bare", bare);
  box.append(el("div", { class: "bubble" }, ...inside(message, phone)));
  const rows = message.deleted ? [] : message.buttons ?? [];
  if (rows.length) {
    box.classList.add("wide");
    box.append(buttons(rows, message, phone));
  }
  if (!message.deleted) {
    box.append(el("button", {
      type: "button", class: "tool more", "aria-label": t("message.actions"), title: t("message.actions"),
      "aria-haspopup": "menu", "data-testid": "message-menu", onclick: (event) => phone.more(message, event.currentTarget),
    }, icon("more")));
  }
  return box;
}

function serviceWords({ text, name }) {
  const words = text || name;
  return known(`group.type.${words}`) ? t(`group.type.${words}`) : words || t("message.service");
}

function mark(node, message) {
  node.dataset.testid = "message";
  node.dataset.messageId = message.message_id;
  node.dataset.from = message.from;
  node.dataset.status = message.status ?? "";
  return node;
}

function* inside(message, phone) {
  if (phone.isGroup && !phone.isMine(message)) {
    const name = message.name ?? message.from;
    yield el("p", { class: `sender ink${hue(message.from)}`, text: name });
  }
  if (message.deleted) {
    yield el("p", { class: "words", text: t("message.deleted") });
  } else {
    if (message.forward_origin) yield el("p", { class: "forwarded", text: forwarded(message.forward_origin) });
    if (message.reply_to) yield quote(message.reply_to, phone);
    if (message.media && !message.contact) yield media(message.media);
    if (message.location) yield spot(message.location);
    if (message.contact) yield card(message.contact);
    if (message.text) yield words(message, phone.channel, phone.taps);
  }
  yield meta(message, phone);
  if (message.error) yield el("p", { class: "reason", text: reason(message.error) });
}

export const reason = (error) => (typeof error === "object" ? error.message ?? error.description ?? error.code : error);

function quote(reply, phone) {
  const id = reply.message_id ?? reply;
  const original = phone.quoted(id) ?? { name: "", text: reply.text ?? "…" };
  return el("button", { type: "button", class: "quoted", onclick: () => phone.show(id) },
    el("b", { text: original.name }), el("span", { text: gist(original) }));
}

function forwarded({ sender_user: user, sender_user_name: hidden, chat }) {
  const name = user ? [user.first_name, user.last_name].filter(Boolean).join(" ") : hidden ?? chat?.title ?? "";
  return t("message.forwarded", { name });
}

/** A message in a few words: for quotes and lists. */
export function gist(message) {
  if (message.deleted) return t("message.deleted");
  if (message.text) return message.text.replace(/\s+/g, " ").slice(0, 90);
  const kind = message.media?.kind ?? (message.location ? "location" : message.contact ? "contact" : "document");
  const names = { audio: "voice", animation: "video", video_note: "video", venue: "location" };
  return t(`message.${names[kind] ?? kind}`);
}

function meta(message, phone) {
  const line = el("p", { class: "meta" });
  if (message.edited && !message.deleted) line.append(el("span", { text: t("message.edited") }));
  if (message.date !== undefined) line.append(el("time", { text: clock(message.date) }));
  const status = statusOf(message, phone);
  if (TICKS[status]) line.append(ticks(status));
  return line;
}

/** Telegram ticks only one's own messages; on WhatsApp the bot's receipts are part of what the demo shows. */
function statusOf(message, phone) {
  if (phone.channel === "whatsapp" || FAILED.includes(message.status)) return message.status;
  return phone.isMine(message) ? message.status ?? "read" : null;
}

function ticks(status) {
  const said = t(`status.${{ undelivered: "failed", accepted: "queued", sending: "queued", pending: "queued" }[status] ?? status}`);
  return el("span", { class: "ticks", "data-status": status, role: "img", "aria-label": said, title: said },
    svg("svg", { "aria-hidden": "true" }, svg("use", { href: `/static/icons.svg#${TICKS[status]}` })));
}

function media(found) {
  const { kind, url } = found;
  const mime = found.mime ?? "";
  if (kind === "sticker") return el("img", { class: "sticker", src: url, alt: t("message.sticker") });
  if (kind === "photo" || (kind !== "document" && mime.startsWith("image/"))) return picture(url);
  if (kind === "voice" || kind === "audio" || mime.startsWith("audio/")) return sound(url);
  if (kind === "video_note") return el("span", { class: "media round" }, film(url));
  if (kind === "video" || kind === "animation") return el("span", { class: "media" }, film(url));
  return paper(found);
}

const film = (url) => el("video", { src: url, controls: true, preload: "metadata", playsinline: true, "aria-label": t("message.video") });

function picture(url) {
  return el("a", { class: "media", href: url, target: "_blank", rel: "noopener noreferrer" },
    el("img", { src: url, alt: t("message.photo"), loading: "lazy" }));
}

function paper(found) {
  const name = found.file_name || t("message.document");
  return el("a", { class: "paper", href: found.url, download: name },
    el("span", { class: "round-icon" }, icon("document")),
    el("span", {}, el("b", { text: name }), el("small", { text: bytes(found.size) })));
}

function sound(url) {
  const audio = el("audio", { src: url, preload: "none" });
  const time = el("time", { text: "" });
  const button = el("button", { type: "button", "aria-label": t("message.play") }, icon("play"));
  const draw = () => {
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    button.setAttribute("aria-label", t(audio.paused ? "message.play" : "message.pause"));
  };
  button.addEventListener("click", () => (audio.paused ? audio.play().catch(draw) : audio.pause()));
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, draw);
  audio.addEventListener("timeupdate", () => { time.textContent = `0:${String(Math.floor(audio.currentTime)).padStart(2, "0")}`; });
  return el("div", { class: "sound" }, button, wave(url), time, audio);
}

/** A picture of a voice: its bars come from the address, so that each message keeps its own. */
function wave(url) {
  const bars = svg("svg", { class: "wave", viewBox: "0 0 112 26", preserveAspectRatio: "none", "aria-hidden": "true" });
  let seed = [...url].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);
  for (let x = 0; x < 28; x += 1) {
    seed = (seed * 1103515245 + 12345) >>> 0;
    const height = 4 + ((seed >>> 16) % 19);
    bars.append(svg("rect", { x: x * 4, y: (26 - height) / 2, width: 2.4, height, rx: 1.2, fill: "currentColor" }));
  }
  return bars;
}

function spot({ latitude, longitude }) {
  const box = el("div", { class: "spot", role: "img", "aria-label": t("message.location") });
  const land = el("div");
  spotMap(Number(latitude), Number(longitude)).then((map) => map && land.replaceChildren(map));
  box.append(land, el("p", { text: `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}` }));
  return box;
}

function card(contact) {
  const name = [contact.first_name, contact.last_name].filter(Boolean).join(" ") || contact.name || t("message.contact");
  return el("div", { class: "paper" }, el("span", { class: "round-icon" }, icon("person")),
    el("span", {}, el("b", { text: name }), el("small", { text: contact.phone_number ?? "" })));
}

function buttons(rows, message, phone) {
  const box = el("div", { class: "buttons" });
  for (const row of rows) {
    const line = el("div", { class: "button-row" });
    for (const button of row) line.append(inline(button, message, phone));
    box.append(line);
  }
  return box;
}

function inline(button, message, phone) {
  const facts = { "data-testid": "button", "data-kind": button.kind ?? (button.url ? "url" : "callback"), "data-button": button.data };
  if (button.url) {
    const url = /^(https?|tg):/i.test(button.url) ? button.url : null;
    return el("a", {
      ...facts, href: url, target: "_blank", rel: "noopener noreferrer", title: button.url,
      onclick: (event) => phone.taps.link(button.url, event),
    }, button.text);
  }
  return el("button", { ...facts, type: "button", onclick: (event) => phone.press(message, button, event.currentTarget) }, button.text);
}
