// The hand that holds a phone: it writes, presses, blocks, follows links and opens menus.

import { menu, notice, t } from "/static/dom.js";
import { sim } from "/static/sim.js";

const PATIENCE = 8_000;

/** What a phone does; what it shows is in phone.js. */
export class Hand {
  /** Do it, and say so when the messenger refuses; the order of what one person does is kept. */
  act(name, facts) {
    const step = () => sim.act(this.speaker, name, facts);
    const done = (this.queue ?? Promise.resolve()).then(step);
    this.queue = done.catch((error) => notice(t("error.sent", { reason: error.message || t("error.line") })));
    return done.then((found) => { this.refresh(); return found ?? {}; }, () => null);
  }

  say(text, more = {}) { return this.act("say", { text, ...this.where, ...more }); }
  send(body) { return this.act("send", body instanceof FormData ? body : { ...body, ...this.where }); }

  async press(message, button, node) {
    node.setAttribute("aria-busy", "true");
    this.pressed.add(node);
    setTimeout(() => this.calm(), PATIENCE);
    const facts = { message_id: message.message_id, button: button.data ?? button.text, ...this.where };
    if (await this.act("press", facts) === null || this.channel === "whatsapp") this.calm();
  }

  calm() {
    for (const node of this.pressed) node.removeAttribute("aria-busy");
    this.pressed.clear();
  }

  /** Links to the bot itself stay on the phone; all others open beside it. */
  follow(url, event) {
    let link;
    try { link = new URL(url, "https://t.me"); } catch { return; }
    const toBot = link.host === "t.me" || link.protocol === "tg:";
    const payload = link.searchParams.get("start");
    if (toBot && payload !== null && this.channel === "telegram") {
      event.preventDefault();
      this.start(payload);
    } else if (link.host === "wa.me" && this.channel === "whatsapp" && link.searchParams.get("text")) {
      event.preventDefault();
      this.say(link.searchParams.get("text"));
    }
  }

  /** From a group the bot's link leads to the speaker's own talk with it. */
  async start(payload) {
    if (this.isGroup) this.desk.open(this.speaker, { focus: true });
    if (await this.act("start", payload ? { payload } : {}) && !this.isGroup) {
      this.facts.started = true;
      this.offerStart();
    }
  }

  begin() { return this.channel === "telegram" ? this.start("") : this.say(t("phone.hello_text")); }

  async block(blocked) {
    if (await this.act("block", { blocked })) this.update({ ...this.facts, blocked });
  }

  more(message, anchor) {
    const items = [{ name: "reply", text: t("message.reply"), icon: "reply", act: () => this.composer.about("reply", message) }];
    if (this.isMine(message) && message.text && this.channel === "telegram") {
      items.push({ name: "edit", text: t("message.edit"), icon: "edit", act: () => this.composer.about("edit", message) });
    }
    if (this.isGroup && message.text) {
      items.push({ name: "forward", text: t("message.forward"), icon: "forward", act: () => this.forward(message) });
    }
    if (this.isMine(message) && this.channel === "telegram") {
      items.push({ name: "delete", text: t("message.delete"), icon: "close", danger: true, act: () => this.act("delete", { message_id: message.message_id, ...this.where }) });
    }
    if (message.text) items.push({ name: "copy", text: t("message.copy"), icon: "document", act: () => copy(message.text) });
    menu(this.section, anchor, items);
  }

  /** From the group into one's own talk with the bot. */
  forward(message) {
    const from = this.desk.people.has(String(message.from)) ? { person: message.from } : { hidden_name: message.name };
    this.desk.open(this.speaker, { focus: true });
    return this.act("say", { text: message.text, forward_from: from });
  }

  tool(event) {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const acts = {
      close: () => this.desk.close(this.id),
      menu: () => menu(this.section, button, this.isGroup ? this.groupMenu() : this.personMenu()),
      jump: () => this.toBottom(),
      begin: () => this.begin(),
      unblock: () => this.block(false),
      commands: () => menu(this.section, button, this.commandMenu()),
      location: () => this.desk.dialogs.place(this),
      contact: () => this.desk.dialogs.card(this),
    };
    (acts[button.dataset.act] ?? (() => this.composer.tool(button.dataset.act)))();
  }

  commandMenu() {
    return this.commands.map(({ command, description }) => ({
      text: `/${command}`, note: description, name: command, act: () => this.say(`/${command}`),
    }));
  }

  personMenu() {
    const { blocked } = this.facts;
    const items = [{ name: "deep-link", text: t("menu.deep_link"), icon: "link", act: () => this.desk.dialogs.deep(this) }];
    if (this.channel === "telegram") items.push({ name: "start", text: t("menu.restart"), icon: "play", act: () => this.start("") });
    else items.push({ name: "window", text: t("menu.window"), note: t("menu.window_note"), icon: "down", act: () => this.act("window", { hours_ago: 25 }) });
    items.push({ name: blocked ? "unblock" : "block", text: t(blocked ? "menu.unblock" : "menu.block"), icon: "close", danger: !blocked, act: () => this.block(!blocked) });
    return items;
  }

  groupMenu() {
    const { bot, type } = this.facts;
    const item = (act, glyph, danger) => ({
      name: act, text: t(`menu.${act}`), icon: glyph, danger, act: () => this.group(act),
    });
    const items = bot === "none" ? [item("add_bot", "plus")] : [];
    if (bot === "member") items.push(item("promote_bot", "check"));
    if (bot !== "none") items.push(item("remove_bot", "close", true));
    if (type !== "supergroup") items.push(item("migrate", "group"));
    return items;
  }

  async group(act) {
    try {
      const found = await sim.group(this.facts.id, act, act === "migrate" ? {} : { by: this.speaker });
      await this.desk.groupChanged(this, found);
    } catch (error) {
      notice(t("error.sent", { reason: error.message || t("error.line") }));
    }
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice(t("message.copied"));
  } catch { /* the browser may refuse: nothing is lost */ }
}

