// Turns the text of a message into nodes. User text is hostile: nothing here ever parses it as HTML.

import { el, t } from "/static/dom.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const SAFE = /^(https?|tg|mailto|tel):/i;
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)»']/g;
const MARKS = [
  [/```([^`]+)```/g, "code", 3],
  [/(?<!\w)\*(?=\S)([^*\n]+?)(?<=\S)\*(?!\w)/g, "bold", 1],
  [/(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)/g, "italic", 1],
  [/(?<!\w)~(?=\S)([^~\n]+?)(?<=\S)~(?!\w)/g, "strikethrough", 1],
];

/** `taps` are {link(url, event), command(text)}: what a press on a link or a command does on this phone. */
export function words(message, channel, taps) {
  const text = message.text ?? "";
  const spans = channel === "whatsapp" ? marked(text) : message.entities ?? [];
  const box = el("div", { class: "words" });
  box.append(...weave(text, spans, taps));
  return box;
}

/** Cut the text at every border of an entity and wrap each piece in all entities that cover it. */
function weave(text, spans, taps) {
  const good = spans.filter((span) => span.length > 0 && span.offset >= 0)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  return level(text, 0, text.length, good, taps);
}

function level(text, from, to, spans, taps) {
  const nodes = [];
  let at = from;
  let rest = spans;
  while (rest.length) {
    const [span, ...others] = rest;
    const start = Math.max(span.offset, at);
    const end = Math.min(span.offset + span.length, to);
    if (start >= end) { rest = others; continue; }
    if (start > at) nodes.push(text.slice(at, start));
    const inside = others.filter((other) => other.offset < end);
    // What crosses the border continues after it as a second piece.
    rest = others.filter((other) => other.offset + other.length > end);
    nodes.push(wrap(span, text.slice(start, end), level(text, start, end, inside, taps), taps));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes.filter((node) => node !== "");
}

function wrap(span, covered, children, taps) {
  if (span.type === "hide") return el("span", { class: "unseen", "aria-hidden": "true" });
  if (TAGS[span.type]) return el(TAGS[span.type], {}, ...children);
  if (span.type === "url" || span.type === "text_link") {
    const given = span.url ?? covered;
    const url = SAFE.test(given) ? given : `http://${given}`;
    return el("a", {
      href: url, target: "_blank", rel: "noopener noreferrer", title: url,
      onclick: (event) => taps.link(url, event),
    }, ...children);
  }
  if (span.type === "bot_command") {
    return tap("tap", () => taps.command(covered), children);
  }
  if (span.type === "spoiler") {
    const cover = tap("spoiler", () => {
      cover.classList.add("shown");
      cover.removeAttribute("aria-label");
    }, children);
    cover.setAttribute("aria-label", t("message.spoiler"));
    return cover;
  }
  if (["mention", "hashtag", "text_mention", "phone_number", "email", "cashtag"].includes(span.type)) {
    return el("a", { class: span.type }, ...children);
  }
  return el("span", {}, ...children);
}

/** A button that breaks over lines like the words around it, which a real one cannot. */
function tap(kind, act, children) {
  const press = (event) => { event.preventDefault(); act(); };
  return el("a", {
    href: "#", role: "button", class: kind, onclick: press,
    onkeydown: (event) => { if (event.key === " ") press(event); },
  }, ...children);
}

/** WhatsApp has no entities: its marks and links are read from the text, the marks themselves vanish. */
function marked(text) {
  const links = [...text.matchAll(LINK)].map((found) => ({ type: "url", offset: found.index, length: found[0].length }));
  const inLink = (at) => links.some((link) => at >= link.offset && at < link.offset + link.length);
  const spans = [...links];
  for (const [pattern, type, width] of MARKS) {
    for (const found of text.matchAll(pattern)) {
      if (inLink(found.index)) continue;
      spans.push({ type, offset: found.index, length: found[0].length });
      spans.push({ type: "hide", offset: found.index, length: width });
      spans.push({ type: "hide", offset: found.index + found[0].length - width, length: width });
    }
  }
  return spans;
}
