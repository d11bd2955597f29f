// One phone: it shows the talk of one person (or of a group, by the eyes of one member) and does what they do.

import { bubble } from "/static/bubble.js";
import { Composer } from "/static/composer.js";
import { avatar, day, el, hue, initials, known, plural, t, translate } from "/static/dom.js";
import { Hand } from "/static/hand.js";
import { sim } from "/static/sim.js";

const NEAR = 90;
const TOGETHER_SECONDS = 600;

export class Phone extends Hand {
  constructor(section, facts, desk) {
    super();
    this.section = section;
    this.desk = desk;
    this.isGroup = section.dataset.kind === "group";
    this.kept = new Map();
    this.after = 0;
    this.isFirst = true;
    this.pressed = new Set();
    this.commands = [];
    this.taps = { link: (url, event) => this.follow(url, event), command: (text) => this.say(text) };
    this.parts = Object.fromEntries([...section.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]));
    this.composer = new Composer(this);
    this.parts.speakers.addEventListener("change", () => this.changeSpeaker());
    this.parts.messages.addEventListener("scroll", () => this.watchBottom(), { passive: true });
    section.addEventListener("click", (event) => this.tool(event));
    // The room shrinks when a keyboard or a quote opens below it: the last words stay in sight.
    new ResizeObserver(() => { if (this.wasNear) this.toBottom(); }).observe(this.parts.messages);
    this.update(facts);
    if (this.channel === "telegram" && desk.bot) this.learnCommands(desk.bot);
  }

  get id() { return this.section.dataset.phone; }
  get channel() { return this.isGroup ? "telegram" : this.facts.channel; }
  get speaker() { return this.isGroup ? this.parts.speakers.value : String(this.facts.id); }
  get chat() { return this.isGroup ? this.facts.id : null; }
  get where() { return this.isGroup ? { chat: this.facts.id } : {}; }

  // --- who it is ---

  update(facts) {
    const before = this.facts && this.speaker;
    this.facts = facts;
    const name = facts.name ?? facts.title ?? "";
    const { parts, section } = this;
    section.dataset.phone = facts.id;
    section.classList.toggle("telegram", this.channel === "telegram");
    section.classList.toggle("whatsapp", this.channel === "whatsapp");
    parts.name.textContent = name;
    parts.name.title = [name, facts.phone, facts.username && `@${facts.username}`, facts.id].filter(Boolean).join(" · ");
    parts.avatar.className = `avatar hue${hue(facts.id)}`;
    parts.avatar.textContent = initials(name);
    section.setAttribute("aria-label", t("phone.of", { name, channel: this.messenger }));
    this.drawNotes();
    if (this.isGroup) this.drawGroup(before);
    else this.drawPeer();
    parts.blocked.hidden = !facts.blocked;
    parts.composer.disabled = Boolean(facts.blocked);
    this.offerStart();
  }

  get messenger() { return this.channel === "telegram" ? "Telegram" : "WhatsApp"; }

  drawNotes() {
    const { facts } = this;
    const language = `language.short.${facts.language_code}`;
    const words = [known(language) && t(language), this.roleWords(facts)];
    this.parts.note.replaceChildren(
      el("span", { class: "tag tag-channel", text: this.messenger }),
      ...words.filter(Boolean).map((text) => el("span", { class: "tag", text, title: text })),
    );
  }

  roleWords(facts) {
    if (this.isGroup) return t("role.group");
    return known(`role.${facts.role}`) ? t(`role.${facts.role}`) : facts.role;
  }

  drawPeer() {
    const name = this.desk.botName;
    this.parts.peer.textContent = name;
    this.parts["peer-avatar"].textContent = initials(name);
    this.parts["peer-note"].textContent = t(this.channel === "telegram" ? "phone.bot" : "phone.business");
  }

  drawGroup(before) {
    const { facts, parts } = this;
    parts.peer.textContent = facts.title;
    parts["peer-avatar"].textContent = initials(facts.title);
    parts["peer-note"].textContent = `${plural("group.members", facts.members.length)} · ${t(`group.bot.${facts.bot}`)}`;
    const names = facts.members.map((id) => {
      const person = this.desk.people.get(String(id));
      const role = person && known(`role.${person.role}`) && person.role !== "resident" ? ` (${t(`role.${person.role}`)})` : "";
      return el("option", { value: id, text: `${person?.name ?? id}${role}` });
    });
    parts.speakers.replaceChildren(...names);
    if (before && facts.members.map(String).includes(before)) parts.speakers.value = before;
    parts.speaker.hidden = false;
  }

  offerStart() {
    const { facts, parts } = this;
    parts.begin.hidden = this.isGroup || Boolean(facts.started) || Boolean(facts.blocked) || this.kept.size > 0;
    const key = this.channel === "telegram" ? "phone.start" : "phone.hello";
    parts.begin.dataset.word = key;
    parts.begin.textContent = t(key);
  }

  /** The menu a person sees: the narrowest scope wins, and their language before the bot's default. */
  learnCommands(bot) {
    const scopes = this.isGroup ? ["all_group_chats", "default"] : ["all_private_chats", "default"];
    const own = bot.commands.filter(({ scope }) => String(scope.chat_id) === String(this.isGroup ? this.facts.id : this.facts.telegram_id));
    const layers = [own, ...scopes.map((type) => bot.commands.filter(({ scope }) => scope.type === type))];
    const language = this.isGroup ? this.desk.people.get(this.speaker)?.language_code : this.facts.language_code;
    this.commands = [];
    for (const layer of layers) {
      const found = layer.find((row) => row.language_code === language) ?? layer.find((row) => !row.language_code);
      if (found) { this.commands = found.commands; break; }
    }
    this.composer.draw();
  }

  changeSpeaker() {
    this.clear();
    this.refresh();
  }

  /** The language of the page changed: say everything again. */
  redraw() {
    translate(this.section);
    this.update(this.facts);
    for (const [id, { message }] of this.kept) this.replace(id, message);
    for (const node of this.parts.messages.querySelectorAll(".day")) node.textContent = day(Number(node.dataset.date) || node.dataset.date);
    this.composer.draw();
  }

  // --- what is heard ---

  async refresh() {
    this.isStale = true;
    if (this.isLoading) return;
    this.isLoading = true;
    while (this.isStale) {
      this.isStale = false;
      const speaker = this.speaker;
      if (!speaker) break;
      try {
        const found = await sim.chat(speaker, this.chat, this.after);
        if (speaker === this.speaker) this.take(found);
        else this.isStale = true;
      } catch {
        break;
      }
    }
    this.isLoading = false;
  }

  take(found) {
    if (found.seq < this.after) {
      this.clear();
      this.isStale = true;
      return;
    }
    const stick = this.isFirst || this.isNearBottom();
    for (const message of found.messages) this.put(message);
    this.after = Math.max(this.after, found.seq);
    this.composer.offer(found.reply_keyboard);
    const toasts = this.isFirst ? [] : found.toasts ?? [];
    for (const toast of toasts) this.toast(toast);
    if (found.messages.length || toasts.length) this.calm();
    if (found.messages.length && stick) this.toBottom();
    this.isFirst = false;
    this.offerStart();
  }

  put(message) {
    const id = String(message.message_id);
    if (this.kept.has(id)) {
      this.replace(id, message);
      return;
    }
    const { messages } = this.parts;
    const last = [...this.kept.values()].at(-1)?.message;
    if (message.date !== undefined && (!last || day(last.date) !== day(message.date))) {
      messages.append(el("p", { class: "day", "data-date": message.date, text: day(message.date) }));
    } else if (last && last.from === message.from && Math.abs(stamp(message) - stamp(last)) < TOGETHER_SECONDS) {
      message.follows = true;
    }
    const node = this.paint(message);
    this.kept.set(id, { message, node });
    messages.append(node);
  }

  replace(id, message) {
    const kept = this.kept.get(id);
    message.follows ??= kept.message.follows;
    const node = this.paint(message);
    kept.node.replaceWith(node);
    this.kept.set(id, { message, node });
  }

  paint(message) {
    const node = bubble(message, this);
    node.classList.toggle("follows", Boolean(message.follows));
    for (const picture of node.querySelectorAll("img")) {
      picture.addEventListener("load", () => { if (this.wasNear) this.toBottom(); }, { once: true });
    }
    return node;
  }

  clear() {
    this.kept.clear();
    this.after = 0;
    this.isFirst = true;
    this.parts.messages.replaceChildren();
    this.composer.offer(null);
  }

  isMine(message) { return String(message.from) === this.speaker; }
  quoted(id) { return this.kept.get(String(id))?.message; }

  show(id) {
    const node = this.kept.get(String(id))?.node;
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("flash");
    requestAnimationFrame(() => node.classList.add("flash"));
  }

  isNearBottom() {
    const { messages } = this.parts;
    return messages.scrollHeight - messages.scrollTop - messages.clientHeight < NEAR;
  }

  watchBottom() {
    this.wasNear = this.isNearBottom();
    this.section.querySelector(".jump").hidden = this.wasNear;
  }

  toBottom() {
    this.parts.messages.scrollTop = this.parts.messages.scrollHeight;
    this.wasNear = true;
    this.section.querySelector(".jump").hidden = true;
  }

  toast({ text, alert }) {
    if (!text) return;
    if (!text) return;
    if (alert) {
      const back = document.activeElement;
      const ok = el("button", { type: "button", text: t("dialog.ok"), onclick: () => { veil.remove(); back?.focus?.(); } });
      const veil = el("div", { class: "veil", role: "alertdialog", "aria-modal": "true", "aria-label": this.desk.botName, "data-testid": "alert" },
        el("div", {}, el("p", { text }), ok));
      veil.addEventListener("keydown", (event) => { if (event.key === "Escape") ok.click(); if (event.key === "Tab") event.preventDefault(); });
      this.section.querySelector(".screen").append(veil);
      ok.focus();
      return;
    }
    this.parts.toast.textContent = text;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.parts.toast.textContent = ""; }, 4500);
  }

  chip() {
    const name = this.facts.name ?? this.facts.title;
    return el("button", { type: "button", "data-chip": this.id, onclick: () => this.focus() },
      avatar(this.id, name), el("span", { text: name }), el("span", { class: `kind ${this.channel}`, "aria-hidden": "true" }));
  }

  focus() {
    this.section.scrollIntoView({ inline: "center", block: "nearest", behavior: "smooth" });
    this.parts.composer.focus({ preventScroll: true });
  }
}

function stamp(message) {
  return typeof message.date === "number" ? message.date : Date.parse(message.date) / 1000;
}
