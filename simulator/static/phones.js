// The desk: which phones lie on it, what is new for them, and the language of the labels.

import { Dialogs } from "/static/dialogs.js";
import { loadWords, notice, setLanguage, t } from "/static/dom.js";
import { Phone } from "/static/phone.js";
import { listen, sim } from "/static/sim.js";

const KEY = "korshi.phones";
const row = document.getElementById("phones");

class Desk {
  constructor() {
    this.people = new Map();
    this.groups = new Map();
    this.phones = new Map();
    this.fresh = new Set();
    this.botName = row.dataset.bot;
    this.dialogs = new Dialogs(this);
  }

  async begin() {
    await this.reload();
    for (const section of row.querySelectorAll("[data-phone]")) {
      const facts = this.find(section.dataset.phone);
      if (facts) this.adopt(section, facts);
      else section.remove();
    }
    const wanted = this.wanted();
    if (wanted) {
      for (const id of [...this.phones.keys()]) if (!wanted.includes(id)) this.close(id, { keep: true });
      for (const id of wanted) this.open(id, { keep: true });
      for (const id of wanted) row.append(this.phones.get(id).section);
    }
    this.tidy();
    listen((event) => this.heard(event), (isOn) => this.line(isOn));
  }

  /** The address says which phones to open, else the last visit does, else the pinned ones stay. */
  wanted() {
    const asked = new URLSearchParams(location.search).get("open");
    let ids = null;
    try { ids = asked !== null ? asked.split(",") : JSON.parse(localStorage.getItem(KEY)); } catch { /* private mode */ }
    ids = ids?.filter((id) => this.find(id));
    return ids?.length ? ids : null;
  }

  find(id) { return this.people.get(String(id)) ?? this.groups.get(String(id)); }
  *all() { yield* this.groups.values(); yield* this.people.values(); }

  async reload() {
    try {
      const [people, groups, bot] = await Promise.all([sim.people(), sim.groups(), sim.bot()]);
      this.bot = bot;
      this.botName = bot.user.first_name ?? this.botName;
      this.people = new Map(people.map((person) => [String(person.id), person]));
      this.groups = new Map(groups.filter((group) => !group.migrated_to).map((group) => [String(group.id), group]));
    } catch {
      this.line(false);
      return;
    }
    for (const phone of this.phones.values()) {
      const facts = this.find(phone.id);
      if (phone.channel === "telegram") phone.learnCommands(this.bot);
      if (facts && JSON.stringify(facts) !== JSON.stringify(phone.facts)) phone.update(facts);
    }
  }

  reloadSoon() {
    this.soon ??= setTimeout(() => { this.soon = null; this.reload(); }, 800);
  }

  // --- phones on the desk ---

  adopt(section, facts) {
    const phone = new Phone(section, facts, this);
    this.phones.set(phone.id, phone);
    this.fresh.delete(phone.id);
    phone.refresh();
    if (!phone.isGroup) sim.act(phone.id, "open", { open: true }).catch(() => null);
    return phone;
  }

  open(id, { focus = false, keep = false } = {}) {
    const facts = this.find(id);
    if (!facts) return null;
    let phone = this.phones.get(String(id));
    if (!phone) {
      const section = document.getElementById("phone").content.firstElementChild.cloneNode(true);
      section.dataset.phone = id;
      section.dataset.kind = facts.members === undefined ? "person" : "group";
      row.append(section);
      phone = this.adopt(section, facts);
      phone.redraw();
      this.tidy(!keep);
    }
    if (focus) phone.focus();
    return phone;
  }

  close(id, { keep = false } = {}) {
    const phone = this.phones.get(String(id));
    if (!phone) return;
    this.phones.delete(String(id));
    phone.section.remove();
    if (!phone.isGroup) sim.act(id, "open", { open: false }).catch(() => null);
    this.tidy(!keep);
  }

  tidy(remember = false) {
    document.getElementById("desert").hidden = this.phones.size > 0;
    const order = [...row.querySelectorAll("[data-phone]")].map((section) => this.phones.get(section.dataset.phone));
    document.getElementById("shelf").replaceChildren(...order.filter(Boolean).map((phone) => phone.chip()));
    this.countFresh();
    if (!remember) return;
    try { localStorage.setItem(KEY, JSON.stringify([...this.phones.keys()])); } catch { /* private mode */ }
  }

  countFresh() {
    const badge = document.getElementById("waiting");
    badge.hidden = !this.fresh.size;
    badge.textContent = this.fresh.size > 99 ? "99+" : String(this.fresh.size);
    badge.title = t("open.unread");
  }

  // --- what the stand-in tells ---

  heard({ person, group }) {
    if (person === undefined && group === undefined) {
      for (const phone of this.phones.values()) phone.refresh();
      this.reloadSoon();
      return;
    }
    const id = String(group ?? person);
    const open = this.phones.get(id);
    if (open) open.refresh();
    else if (this.find(id)) this.fresh.add(id);
    // A bot's answer to a press in a group comes to the person who pressed.
    for (const phone of this.phones.values()) if (phone.isGroup && phone.speaker === id) phone.refresh();
    if ((group !== undefined && open) || !this.find(id)) this.reloadSoon();
    this.drawing ??= requestAnimationFrame(() => { this.drawing = null; this.countFresh(); });
  }

  line(isOn) {
    const state = document.getElementById("line");
    const words = state.querySelector(".line-words");
    if (state.dataset.state === (isOn ? "on" : "off")) return;
    state.dataset.state = isOn ? "on" : "off";
    words.dataset.word = isOn ? "line.on" : "line.off";
    words.textContent = t(words.dataset.word);
  }

  // --- new people and groups ---

  newPerson(facts) { return this.make(() => sim.newPerson({ role: "resident", ...facts })); }
  newGroup(facts) { return this.make(() => sim.newGroup(facts)); }

  async make(create) {
    try {
      const made = await create();
      await this.reload();
      this.open(made.id, { focus: true });
    } catch (error) {
      notice(t("error.sent", { reason: error.message || t("error.line") }));
    }
  }

  /** After a migration the group lives on under another number: the same phone shows it. */
  async groupChanged(phone, found) {
    const old = phone.id;
    const next = String(found?.migrated_to ?? found?.id ?? found?.group?.id ?? old);
    await this.reload();
    if (next !== old && this.groups.has(next)) {
      this.phones.delete(old);
      phone.clear();
      phone.update(this.groups.get(next));
      this.phones.set(next, phone);
      this.tidy(true);
    }
    phone.refresh();
  }
}

await loadWords();
const desk = new Desk();
for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const other of document.querySelectorAll("[data-language]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    setLanguage(link.dataset.language);
    for (const phone of desk.phones.values()) phone.redraw();
    desk.tidy();
  });
}
await desk.begin();
document.documentElement.dataset.ready = "true";
