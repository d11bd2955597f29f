// The page's dialogs: whose phone to open, new people and groups, places, contacts, deep links.

import { avatar, el, known, language, t } from "/static/dom.js";
import { pointer, readyPoints, territory } from "/static/map.js";

const byId = (id) => document.getElementById(id);

/** Show a dialog; resolves with its form's facts when it was confirmed, else with null. */
function ask(id, check = () => "") {
  const dialog = byId(id);
  const form = dialog.querySelector("form");
  const wrong = form.querySelector(".wrong");
  if (wrong) wrong.textContent = "";
  form.onsubmit = (event) => {
    const problem = check(new FormData(form));
    if (problem) event.preventDefault();
    if (wrong) wrong.textContent = problem;
  };
  dialog.querySelector("[data-close]").onclick = () => dialog.close("");
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close(""); };
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "go" ? new FormData(form) : null);
  });
}

export class Dialogs {
  constructor(desk) {
    this.desk = desk;
    for (const button of document.querySelectorAll("[data-dialog]")) {
      button.addEventListener("click", () => this[button.dataset.dialog]());
    }
    const pick = byId("pick");
    pick.querySelector("[name=search]").addEventListener("input", () => this.listPeople());
    pick.querySelector("[name=search]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      byId("pick-list").querySelector("button")?.click();
    });
    // A search field says «change» when it loses the focus, in the middle of a click on the list.
    pick.addEventListener("change", (event) => { if (event.target.name === "filter") this.listPeople(); });
  }

  // --- whose phone ---

  async pick() {
    const form = byId("pick").querySelector("form");
    form.reset();
    const done = ask("pick");
    this.listPeople();
    await this.desk.reload();
    this.listPeople();
    await done;
  }

  listPeople() {
    const form = new FormData(byId("pick").querySelector("form"));
    const needle = fold(form.get("search") ?? "");
    const filter = form.get("filter");
    const found = [...this.desk.all()].filter((row) => fits(row, filter) && (!needle || fold(haystack(row)).includes(needle)));
    found.sort((a, b) => Number(this.desk.fresh.has(String(b.id))) - Number(this.desk.fresh.has(String(a.id))));
    byId("pick-count").textContent = found.length ? t("open.count", { count: found.length }) : t("open.none");
    byId("pick-list").replaceChildren(...found.map((row) => this.personRow(row)));
  }

  personRow(row) {
    const id = String(row.id);
    const name = row.name ?? row.title;
    const isOpen = this.desk.phones.has(id);
    const facts = [messengerOf(row), roleOf(row), known(`language.${row.language_code}`) ? t(`language.${row.language_code}`) : "", row.username ? `@${row.username}` : "", number(row)];
    return el("li", {}, el("button", {
      type: "button", "data-testid": "person", "data-person": id,
      onclick: () => { byId("pick").close(""); this.desk.open(id, { focus: true }); },
    },
    avatar(id, name),
    el("span", { class: "who" }, el("b", { text: name }), el("small", { text: facts.filter(Boolean).join(" · ") })),
    this.desk.fresh.has(id) ? el("span", { class: "fresh", role: "img", "aria-label": t("open.unread"), title: t("open.unread") }) : null,
    isOpen ? el("span", { class: "open-mark", text: t("open.already") }) : null));
  }

  // --- new ones ---

  async person() {
    byId("person").querySelector("form").reset();
    const form = await ask("person");
    if (form) await this.desk.newPerson({ ...Object.fromEntries(form), name: form.get("name").trim() });
  }

  async group() {
    const form = byId("group").querySelector("form");
    form.reset();
    const people = [...this.desk.people.values()].filter((person) => person.channel === "telegram");
    people.sort((a, b) => Number(this.desk.phones.has(b.id)) - Number(this.desk.phones.has(a.id)));
    byId("group-members").replaceChildren(...people.map((person) => el("label", {},
      el("input", { type: "checkbox", name: "member", value: person.id, checked: this.desk.phones.has(person.id) }),
      el("span", { text: [person.name, roleOf(person)].filter(Boolean).join(" · ") }))));
    const facts = await ask("group", (given) => (given.getAll("member").length ? "" : t("new.members_need")));
    if (facts) await this.desk.newGroup({ title: facts.get("title").trim(), members: facts.getAll("member") });
  }

  async deep(phone) {
    byId("deep").querySelector("form").reset();
    const form = await ask("deep");
    if (form) await phone.start(payloadOf(form.get("payload").trim()));
  }

  // --- a contact ---

  async card(phone) {
    const dialog = byId("card");
    const form = dialog.querySelector("form");
    form.reset();
    const fields = [form.elements.first_name, form.elements.phone_number];
    const own = this.desk.people.get(phone.speaker) ?? {};
    const fill = () => {
      const isOwn = form.elements.whose.value === "own";
      const values = isOwn ? [own.name ?? "", number(own)] : ["", "+7"];
      fields.forEach((field, index) => {
        field.value = values[index];
        field.readOnly = isOwn;
      });
    };
    for (const radio of form.elements.whose) radio.onchange = fill;
    fill();
    const facts = await ask("card");
    if (!facts) return;
    const isOwn = facts.get("whose") === "own";
    const contact = { first_name: facts.get("first_name").trim(), phone_number: facts.get("phone_number").trim() };
    // The messenger knows one's own number and says that it is one's own.
    await phone.send({ kind: "contact", ...(isOwn ? {} : contact) });
  }

  // --- a place ---

  async place(phone) {
    const form = byId("place").querySelector("form");
    form.reset();
    byId("map-note").textContent = "";
    const done = ask("place", badPlace);
    await this.prepareMap(form);
    const facts = await done;
    if (facts) await phone.send({ kind: "location", latitude: decimal(facts.get("latitude")), longitude: decimal(facts.get("longitude")) });
  }

  async prepareMap(form) {
    const { latitude, longitude, ready } = form.elements;
    const [land, points] = await Promise.all([territory(), readyPoints()]);
    let map = null;
    const choose = (lat, lon) => {
      latitude.value = lat.toFixed(6);
      longitude.value = lon.toFixed(6);
      map?.show(lat, lon);
      byId("map-note").textContent = map?.describe(lat, lon) ?? "";
    };
    byId("map-box").hidden = !land;
    if (land) {
      map = pointer(byId("map"), land, points, (lat, lon) => { ready.value = ""; choose(lat, lon); });
      byId("map-note").textContent = t("place.map");
      for (const button of byId("place").querySelectorAll("[data-zoom]")) {
        button.onclick = () => map.zoom(button.dataset.zoom === "in" ? 0.6 : 1.7);
      }
    }
    byId("ready").hidden = !points.length;
    ready.replaceChildren(el("option", { value: "", text: t("place.choose") }),
      ...points.map((point, index) => el("option", { value: index, text: point.names[`name_${language()}`] ?? point.names[language()] ?? point.name })));
    ready.onchange = () => { if (ready.value !== "") choose(points[ready.value].latitude, points[ready.value].longitude); };
    const typed = () => {
      const [lat, lon] = [decimal(latitude.value), decimal(longitude.value)];
      if (Number.isFinite(lat) && Number.isFinite(lon)) { map?.show(lat, lon); byId("map-note").textContent = map?.describe(lat, lon) ?? ""; }
    };
    latitude.oninput = typed;
    longitude.oninput = typed;
  }
}

const decimal = (text) => (String(text).trim() === "" ? NaN : Number(String(text).replace(",", ".")));

function badPlace(form) {
  const [lat, lon] = [decimal(form.get("latitude")), decimal(form.get("longitude"))];
  const good = Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return good ? "" : `${t("place.latitude")}: −90…90, ${t("place.longitude")}: −180…180`;
}

/** A whole link may be pasted where only its parameter is asked for. */
function payloadOf(text) {
  const found = /[?&](?:start|text)=([^&#]*)/.exec(text);
  if (!found) return text;
  try { return decodeURIComponent(found[1]); } catch { return found[1]; }
}

const number = ({ phone }) => (phone ? `+${String(phone).replace(/^\+/, "")}` : "");
const fold = (text) => text.toLocaleLowerCase("kk").trim();
const isGroup = (row) => row.members !== undefined;
const messengerOf = (row) => (row.channel === "whatsapp" ? "WhatsApp" : "Telegram");

function roleOf(row) {
  if (isGroup(row)) return t("role.group");
  return known(`role.${row.role}`) ? t(`role.${row.role}`) : row.role ?? "";
}

function haystack(row) {
  return [row.name ?? row.title, roleOf(row), row.role, row.username, row.phone, row.telegram_id, row.id].filter(Boolean).join(" ");
}

function fits(row, filter) {
  if (filter === "groups") return isGroup(row);
  if (filter === "all" || !filter) return true;
  if (isGroup(row)) return false;
  if (filter === "staff") return Boolean(row.role) && row.role !== "resident";
  return row.channel === filter;
}

