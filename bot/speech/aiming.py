"""Whom a draft is for, as the dialogs of warnings and campaigns ask for it, with what it would reach right now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.errors import N_
from bot.i18n import Bilingual, _
from bot.services.officers import OfficerView
from bot.services.subscriptions import topic, topics
from bot.services.unit import Unit
from bot.services.warnings import Audience
from bot.speech import Choice, Reply, choose, choose_named, column, rows
from bot.speech.calls import Plan, Warn
from bot.speech.cards import reach_words
from bot.speech.drafts import Steps, topic_of
from bot.speech.pages import paged
from bot.speech.presses import before

PAGE = 6  # places a screen
NAMED = 5  # places named in a sentence
NARROW = {  # button's code → field, value, button, words
    "kk": ("languages", "kk", N_("Kazakh readers only"), N_("readers of Kazakh")),
    "ru": ("languages", "ru", N_("Russian readers only"), N_("readers of Russian")),
    "telegram": ("messengers", "telegram", N_("Telegram only"), N_("on Telegram")),
    "whatsapp": ("messengers", "whatsapp", N_("WhatsApp only"), N_("on WhatsApp")),
    "chats": ("only", "chats", N_("Groups only"), N_("groups only")),
    "people": ("only", "people", N_("Subscribers only"), N_("subscribers only")),
}


def aimed(unit: Unit, officer: OfficerView, form: Mapping[str, Any]) -> Audience:
    """As it was chosen, else all that is his."""
    return Audience.from_json(form["aim"]) if form.get("aim") else unit.warnings.audience_of(officer)


async def audience_words(unit: Unit, audience: Audience, topic_code: str = "warnings") -> str:
    names: list[str] = []
    if audience.everyone:
        names.append(_("the whole department"))
    if audience.district_ids:
        names += [str(one.name) for one in await unit.territory.districts() if one.id in audience.district_ids]
    names += [str((await unit.territory.precinct(id_)).name) for id_ in audience.precinct_ids[:NAMED]]
    chats = await unit.warnings.chat_titles(audience.chat_ids) if audience.chat_ids else []
    names += [f"«{title}»" for title in chats[:NAMED]]
    more = max(0, len(audience.precinct_ids) - NAMED) + max(0, len(chats) - NAMED)
    if more:
        names.append(f"+ {more}")
    names += [_(words) for field, value, _button, words in NARROW.values() if value in getattr(audience, field)]
    if topic_code != "warnings":
        names.append(_("topic “{topic}”", topic=topic(topic_code).name))
    return ", ".join(names)


async def ask_aim(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, *, replaces: bool = True) -> Reply:
    """One of its pages; which one, and what was looked for, is in the form."""
    await state.set_state(steps.form.audience)
    form = await state.get_data()
    audience, page = aimed(unit, officer, form), form.get("aim_page", "")
    if page == "houses":
        text = _("Write the street and the number of the house, several ones on separate lines.")
        return Reply(text, [[_aim(steps, N_("Back"), "open")]], open=True, replaces=replaces)
    reach = await unit.warnings.reach(audience, topic_of(form))
    lines = [_("Audience: {audience}", audience=await audience_words(unit, audience, topic_of(form)))]
    lines += [_("It will reach:"), reach_words(reach)]
    done = [_aim(steps, N_("Back"), "open"), choose("Done", steps.call(do="check"))]
    if page == "narrow":
        choices = rows(_narrowings(steps, audience))
        return Reply("\n".join(lines), [*choices, [_aim(steps, N_("Topic"), "topics")], done], replaces=replaces)
    if page == "topics":
        marked = [_marked(one.name, steps, f"topic-{one.code}", 0, one.code == topic_of(form)) for one in topics()]
        return Reply("\n".join(lines), [*column(*marked), done], replaces=replaces)
    if page:
        lines += ["", _("Mark what it is for. A few letters of the name find it in a long list.")]
        places = await _places(unit, officer, steps, audience, form)
        return Reply("\n".join(lines), [*_paged(steps, places, form), done], open=True, replaces=replaces)
    lines += ["", _("Whom is it for?")]
    return Reply("\n".join(lines), _ways(unit, officer, steps), replaces=replaces)


def _ways(unit: Unit, officer: OfficerView, steps: Steps) -> list[list[Choice]]:
    last = [_aim(steps, N_("Narrow down"), "narrow"), choose("Done", steps.call(do="check"))]
    if unit.warnings.audience_of(officer).everyone:
        return [
            [_aim(steps, N_("The whole department"), "all"), _aim(steps, N_("Districts"), "districts")],
            [_aim(steps, N_("Precincts"), "precincts"), _aim(steps, N_("Group chats"), "chats")],
            [_aim(steps, N_("Houses"), "houses"), last[0]],
            [last[1]],
        ]
    mine = [_aim(steps, N_("All my precincts"), "all"), _aim(steps, N_("Group chats"), "chats")]
    return [mine, [_aim(steps, N_("Precincts"), "precincts"), last[0]], [last[1]]]


def _aim(steps: Steps, msgid: str, code: str, id_: int = 0) -> Choice:
    return choose(msgid, steps.call(do="aim", code=code, id=id_))


def _marked(name: Bilingual, steps: Steps, code: str, id_: int, chosen: bool) -> Choice:
    plain = choose_named(name, steps.call(do="aim", code=code, id=id_))
    return replace(plain, label=f"✅ {plain.label}", also=plain.label) if chosen else plain


def _narrowings(steps: Steps, audience: Audience) -> list[Choice]:
    found = []
    for code, (field, value, button, _words) in NARROW.items():
        plain = choose(button, steps.call(do="aim", code=f"only-{code}"))
        is_on = value in getattr(audience, field)
        found.append(replace(plain, label=f"✅ {plain.label}", also=plain.label) if is_on else plain)
    return found


async def _places(
    unit: Unit, officer: OfficerView, steps: Steps, audience: Audience, form: Mapping[str, Any]
) -> Sequence[Choice]:
    """Those whose name has the letters that were looked for."""
    wanted = form.get("aim_find", "")
    if form["aim_page"] == "chats":
        chats = await unit.warnings.chats_of(officer, wanted)
        return [
            _marked(Bilingual(one.title, one.title), steps, "chat", one.id, one.id in audience.chat_ids)
            for one in chats
        ]
    if form["aim_page"] == "districts":
        named = [(one.id, one.name) for one in await unit.territory.districts()]
        code, chosen = "district", audience.district_ids
    else:
        mine = None if unit.warnings.audience_of(officer).everyone else set(officer.precinct_ids)
        places = await unit.territory.precincts()
        named = [(one.id, one.name) for one in places if mine is None or one.id in mine]
        code, chosen = "precinct", audience.precinct_ids
    return [
        _marked(name, steps, code, id_, id_ in chosen)
        for id_, name in named
        if wanted.casefold() in f"{name.kk} {name.ru}".casefold()
    ]


def _paged(steps: Steps, choices: Sequence[Choice], form: Mapping[str, Any]) -> list[list[Choice]]:
    return paged(choices, form.get("aim_at", 0), PAGE, lambda n: steps.call(do="aim", code=form["aim_page"], id=n))


# -- answers


async def press_aim(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, pressed: Warn | Plan) -> Reply:
    form = await state.get_data()
    audience, all_his = aimed(unit, officer, form), unit.warnings.audience_of(officer)
    code, _dash, value = pressed.code.partition("-")
    match code:
        case "" | "open":
            await state.update_data(aim_page="", aim_at=0, aim_find="")
            return await ask_aim(unit, officer, state, steps, replaces=bool(code))
        case "districts" | "precincts" | "chats" | "houses" | "narrow" | "topics":
            is_turn = form.get("aim_page") == code
            find = form.get("aim_find", "") if is_turn else ""
            await state.update_data(aim_page=code, aim_at=pressed.id, aim_find=find)
            return await ask_aim(unit, officer, state, steps)
        case "topic":
            await state.update_data(topic=topic(value).code)
            return await ask_aim(unit, officer, state, steps)
        case "only" if value in NARROW:
            audience = _narrowed(audience, *NARROW[value][:2])
        case "all":
            narrow = {field: getattr(audience, field) for field in ("languages", "messengers", "only")}
            audience = replace(all_his, **narrow)
        case "district" | "precinct" | "chat":
            audience = _toggled(audience, all_his, f"{code}_ids", pressed.id)
    await state.update_data(aim=audience.as_json())
    return await ask_aim(unit, officer, state, steps)


def _narrowed(audience: Audience, field: str, value: str) -> Audience:
    """Pressed again it is off; of two that exclude each other the last one holds."""
    is_on = value in getattr(audience, field)
    if field == "only":
        return replace(audience, only="" if is_on else value)  # type: ignore[arg-type]
    return replace(audience, **{field: () if is_on else (value,)})  # type: ignore[arg-type]


def _toggled(audience: Audience, all_his: Audience, field: str, id_: int) -> Audience:
    """The first place that is marked takes the place of "all"; when none is left it is all again."""
    is_all = audience.everyone or (audience.precinct_ids == all_his.precinct_ids and not audience.chat_ids)
    before_ids: tuple[int, ...] = getattr(audience, field)
    if is_all and (audience.everyone or field != "precinct_ids"):
        audience = replace(audience, everyone=False, precinct_ids=(), district_ids=(), chat_ids=())
        before_ids = ()
    ids = tuple(one for one in before_ids if one != id_) if id_ in before_ids else (*before_ids, id_)
    audience = replace(audience, **{field: ids})  # type: ignore[arg-type]
    if audience.precinct_ids or audience.district_ids or audience.chat_ids:
        return audience
    return replace(audience, everyone=all_his.everyone, precinct_ids=all_his.precinct_ids)


async def tell_aim(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, text: str) -> Reply:
    """Letters of a name, or an address."""
    page = (await state.get_data()).get("aim_page", "")
    if page == "houses":
        return await _houses(unit, officer, state, steps, text)
    if page in ("districts", "precincts", "chats"):
        await state.update_data(aim_find=text[:60], aim_at=0)
        return await ask_aim(unit, officer, state, steps, replaces=False)
    return before(_("Please choose one of the buttons."), await ask_aim(unit, officer, state, steps, replaces=False))


async def _houses(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, text: str) -> Reply:
    """A resident tells his precinct and no house: what an address can mean is said, and offered."""
    places = {}
    for line in [line for line in text.replace(";", "\n").splitlines() if line.strip()][:20]:
        for _match, place in (await unit.territory.at_address(line))[:1]:
            places[place.id] = place
    if not places:
        no = _("No such address was found. Write it another way or choose from the list.")
        return before(no, await ask_aim(unit, officer, state, steps, replaces=False))
    await state.update_data(aim_page="", aim_at=0)
    chosen = aimed(unit, officer, await state.get_data()).precinct_ids
    choices = [_marked(place.name, steps, "precinct", place.id, place.id in chosen) for place in places.values()]
    words = _(
        "Residents tell us their precinct and not their house, so a warning cannot go to these houses alone. It can go"
        " to all subscribers and groups of the precinct the houses lie in. Shall it?"
    )
    return Reply(words, [*column(*choices), [_aim(steps, N_("Back"), "open")]])
