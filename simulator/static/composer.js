// The lower part of a phone: the field, files waiting to be sent, what is answered or edited, the bot's keyboard.

import { gist } from "/static/bubble.js";
import { el, icon, t } from "/static/dom.js";

const SAMPLES = {
  voice: { url: "/static/voice.ogg", name: "voice.ogg", type: "audio/ogg" },
  sticker: { url: "/static/sticker.webp", name: "sticker.webp", type: "image/webp" },
};

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.files = [];
    this.context = null;
    this.keyboard = null;
    this.isKeyboardShown = true;
    const { parts } = phone;
    this.field = parts.composer;
    this.picker = parts.file;
    this.field.addEventListener("input", () => this.grow());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("paste", (event) => this.add([...event.clipboardData.files], event));
    parts.compose.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.picker.addEventListener("change", () => { this.add([...this.picker.files]); this.picker.value = ""; });
    phone.section.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
    phone.section.addEventListener("drop", (event) => this.add([...event.dataTransfer.files], event));
    this.draw();
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 118)}px`;
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.context || this.files.length)) {
      this.about(null);
      this.drop();
    } else if (event.key === "ArrowUp" && !this.field.value && this.phone.channel === "telegram") {
      const own = [...this.phone.kept.values()].map((kept) => kept.message)
        .filter((message) => this.phone.isMine(message) && message.text && !message.deleted).at(-1);
      if (own) { event.preventDefault(); this.about("edit", own); }
    }
  }

  tool(act) {
    if (act === "photo" || act === "document") {
      this.asDocument = act === "document";
      this.picker.accept = this.asDocument ? "" : "image/*,video/*";
      this.picker.click();
    } else if (act in SAMPLES) {
      this.sample(act);
    } else if (act === "forward") {
      this.forwards = !this.forwards;
      this.draw();
      this.field.focus();
    } else if (act === "drop-context") {
      this.about(null);
    } else if (act === "keyboard") {
      this.isKeyboardShown = !this.isKeyboardShown;
      this.draw();
    }
  }

  // --- what is answered or edited ---

  about(kind, message) {
    if (this.context?.kind === "edit" && kind !== "edit") this.field.value = "";
    this.context = kind && { kind, message };
    if (kind === "edit") this.field.value = message.text;
    this.draw();
    this.grow();
    this.field.focus();
  }

  // --- files ---

  add(files, event) {
    if (!files.length) return;
    event?.preventDefault();
    for (const file of files) this.files.push({ file, kind: this.kindOf(file), url: URL.createObjectURL(file) });
    this.asDocument = false;
    this.draw();
    this.field.focus();
  }

  kindOf({ type }) {
    if (this.asDocument) return "document";
    if (/^image\/(jpeg|png|webp|heic)/.test(type)) return "photo";
    if (type.startsWith("video/")) return "video";
    return type.startsWith("audio/") ? "audio" : "document";
  }

  drop(one) {
    for (const item of this.files) if (!one || item === one) URL.revokeObjectURL(item.url);
    this.files = one ? this.files.filter((item) => item !== one) : [];
    this.draw();
  }

  // --- sending ---

  async submit() {
    const text = this.field.value.trim();
    const { context, files } = this;
    if (!text && !files.length) return;
    this.field.value = "";
    const more = context ? { reply_to: context.message.message_id } : {};
    if (this.forwards) more.forward_from = t("attach.unknown");
    this.context = null;
    this.forwards = false;
    this.files = [];
    this.draw();
    this.grow();
    const sent = files.length ? await this.sendFiles(files, text, more) : await this.sendText(text, context, more);
    for (const item of files) URL.revokeObjectURL(item.url);
    if (sent === null && !this.field.value) {
      this.field.value = text;
      this.grow();
    }
  }

  sendText(text, context, more) {
    const { phone } = this;
    if (context?.kind === "edit") return phone.act("edit", { message_id: context.message.message_id, text, ...phone.where });
    return phone.say(text, more);
  }

  /** Several photos or videos are one album on Telegram; WhatsApp carries one file a message. */
  async sendFiles(files, caption, more) {
    const isAlbum = files.length > 1 && this.phone.channel === "telegram";
    const album = isAlbum ? String(Date.now()) + String(Math.floor(Math.random() * 1e6)).padStart(6, "0") : null;
    const sends = files.map(({ file, kind }, index) => {
      const facts = index === 0 ? { media_group_id: album, caption, ...more } : { media_group_id: album };
      return this.phone.send(this.form(kind, file, facts));
    });
    return (await Promise.all(sends)).includes(null) ? null : {};
  }

  async sample(kind) {
    const { url, name, type } = SAMPLES[kind];
    const blob = await (await fetch(url)).blob();
    return this.phone.send(this.form(kind, new File([blob], name, { type })));
  }

  form(kind, file, facts = {}) {
    const form = new FormData();
    form.set("kind", kind);
    for (const [name, value] of Object.entries({ ...this.phone.where, ...facts })) {
      if (value !== null && value !== undefined && value !== "") form.set(name, value);
    }
    form.set("file", file, file.name);
    return form;
  }

  // --- the bot's keyboard ---

  offer(keyboard) {
    const rows = keyboard?.length ? keyboard : null;
    if (JSON.stringify(rows) === JSON.stringify(this.keyboard)) return;
    this.keyboard = rows;
    this.isKeyboardShown = true;
    this.draw();
  }

  async tapKey(button) {
    const { phone } = this;
    if (button.kind === "request_location" || button.request_location) await phone.desk.dialogs.place(phone);
    else await phone.act("press", { button: button.text, ...phone.where });
  }

  // --- drawing ---

  draw() {
    const { parts, section } = this.phone;
    parts.context.hidden = !this.context;
    if (this.context) {
      const { kind, message } = this.context;
      parts["context-name"].textContent = kind === "edit" ? t("write.editing") : t("write.replying", { name: message.name ?? "" });
      parts["context-text"].textContent = gist(message);
    }
    parts.files.hidden = !this.files.length;
    parts.files.replaceChildren(...this.files.map((item) => this.thumb(item)));
    section.querySelector('[data-act="forward"]').setAttribute("aria-pressed", String(Boolean(this.forwards)));
    parts.forwarding.hidden = !this.forwards;
    const hint = t(this.files.length ? "write.caption" : "write.composer");
    this.field.placeholder = hint;
    this.field.setAttribute("aria-label", hint);
    const hasKeys = Boolean(this.keyboard);
    section.querySelector('[data-act="keyboard"]').hidden = !hasKeys;
    section.querySelector('[data-act="commands"]').hidden = !this.phone.commands?.length;
    parts.keyboard.hidden = !hasKeys || !this.isKeyboardShown;
    parts.keyboard.replaceChildren(...(this.keyboard ?? []).map((row) => el("div", { class: "button-row" },
      ...row.map((button) => el("button", { type: "button", "data-testid": "key", onclick: () => this.tapKey(button), text: button.text })))));
  }

  roundSwitch(item) {
    const isRound = item.kind === "video_note";
    return el("button", {
      type: "button", class: "round-switch", "aria-pressed": String(isRound), title: t("attach.round"), text: t("attach.round"),
      onclick: () => { item.kind = isRound ? "video" : "video_note"; this.draw(); },
    });
  }

  thumb(item) {
    const { file, kind, url } = item;
    const name = file.name;
    return el("li", { "data-testid": "pending-file" },
      kind === "photo" ? el("img", { src: url, alt: name }) : el("span", { class: "paper-thumb" }, icon(kind === "document" ? "document" : "image")),
      /^video/.test(kind) && this.phone.channel === "telegram" ? this.roundSwitch(item) : el("small", { text: name }),
      el("button", { type: "button", class: "drop", "aria-label": t("write.remove_file", { name }), onclick: () => this.drop(item) }, icon("close")));
  }
}
