"""Whom a draft is for, as the dialogs of warnings and campaigns ask for it, with what it would reach right now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.errors import N_
from bot.i18n import Bilingual, _
from bot.services.homes import Found
from bot.services.officers import OfficerView
from bot.services.subscriptions import topic, topics
from bot.services.unit import Unit
from bot.services.warnings import Audience
from bot.speech import Choice, Reply, choose, choose_named, column, rows
from bot.speech.calls import Plan, Warn
from bot.speech.cards import reach_words
from bot.speech.drafts import Steps, topic_of
from bot.speech.houses import NAMED, houses_lines, houses_words
from bot.speech.pages import paged
from bot.speech.precinct import address_name
from bot.speech.presses import before

PAGE = 6  # places a screen
MOST_STREETS = 20  # with houses, of one warning
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
    names += [houses_words(one) for one in audience.houses[:NAMED]]
    more = sum(max(0, len(one) - NAMED) for one in (audience.precinct_ids, chats, audience.houses))
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
        return ask_houses(steps, audience, replaces=replaces)
    reach = await unit.warnings.reach(audience, topic_of(form))
    lines = [_("Audience: {audience}", audience=await audience_words(unit, audience, topic_of(form)))]
    lines += [_("It will reach:"), reach_words(reach), *houses_lines(reach, audience)]
    done = [_aim(steps, N_("Back"), "open"), choose("Done", steps.call(do="check"))]
    if page == "narrow":
        choices = rows(_narrowings(steps, audience))
        return Reply("\n".join(lines), [*choices, [_aim(steps, N_("Topic"), "topics")], done], replaces=replaces)
    if page == "topics":
        marked = [_marked(one.name, steps, f"topic-{one.code}", 0, one.code == topic_of(form)) for one in topics()]
        return Reply("\n".join(lines), [*column(*marked), done], replaces=replaces)
    if page:
        lines += ["", _("Mark what it is for. A few letters of the name find it in a long list.")]
        code, chosen, named = await _named(unit, officer, audience, form)
        places = [_marked(name, steps, code, id_, id_ in chosen) for id_, name in named]
        return Reply("\n".join(lines), [*_paged(steps, places, form), done], open=True, replaces=replaces)
    lines += ["", _("Whom is it for?")]
    return Reply("\n".join(lines), _ways(unit, officer, steps), replaces=replaces)


def ask_houses(steps: Steps, audience: Audience, *, replaces: bool) -> Reply:
    text = _(
        "Write the street and the houses, each street on a line of its own. For example:\nAbai street 12\nAbai street"
        " 1-35 odd, 40, 42A"
    )
    ways = [_aim(steps, N_("Back"), "open")]
    if audience.houses:
        ways.insert(0, _aim(steps, N_("Without houses"), "nohouses"))
    return Reply(text, [ways], open=True, replaces=replaces)


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
    places = [_aim(steps, N_("Precincts"), "precincts"), _aim(steps, N_("Houses"), "houses")]
    return [mine, places, [last[0]], [last[1]]]


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


async def _named(
    unit: Unit, officer: OfficerView, audience: Audience, form: Mapping[str, Any]
) -> tuple[str, tuple[int, ...], list[tuple[int, Bilingual]]]:
    """Of a page of places: its button's code, what is marked, and all whose name has the letters looked for."""
    wanted = form.get("aim_find", "")
    if form["aim_page"] == "chats":
        chats = await unit.warnings.chats_of(officer, wanted)
        return "chat", audience.chat_ids, [(one.id, Bilingual(one.title, one.title)) for one in chats]
    if form["aim_page"] == "districts":
        named = [(one.id, one.name) for one in await unit.territory.districts()]
        code, chosen = "district", audience.district_ids
    else:
        mine = None if unit.warnings.audience_of(officer).everyone else set(officer.precinct_ids)
        places = await unit.territory.precincts()
        named = [(one.id, one.name) for one in places if mine is None or one.id in mine]
        code, chosen = "precinct", audience.precinct_ids
    letters = wanted.casefold()
    return code, chosen, [(id_, name) for id_, name in named if letters in f"{name.kk} {name.ru}".casefold()]


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
        case "nohouses":
            await state.update_data(aim_page="", aim_at=0)
            audience = _or_all(replace(audience, houses=()), all_his)
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
    if _is_all(audience, all_his) and (audience.everyone or field != "precinct_ids"):
        audience = _nowhere(audience)
    before_ids: tuple[int, ...] = getattr(audience, field)
    ids = tuple(one for one in before_ids if one != id_) if id_ in before_ids else (*before_ids, id_)
    return _or_all(replace(audience, **{field: ids}), all_his)  # type: ignore[arg-type]


def _is_all(audience: Audience, all_his: Audience) -> bool:
    has_more = audience.chat_ids or audience.houses
    return audience.everyone or (audience.precinct_ids == all_his.precinct_ids and not has_more)


def _nowhere(audience: Audience) -> Audience:
    return replace(audience, everyone=False, precinct_ids=(), district_ids=(), chat_ids=())


def _or_all(audience: Audience, all_his: Audience) -> Audience:
    if audience.precinct_ids or audience.district_ids or audience.chat_ids or audience.houses:
        return audience
    return replace(audience, everyone=all_his.everyone, precinct_ids=all_his.precinct_ids)


async def tell_aim(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, text: str) -> Reply:
    """Letters of a name, or an address."""
    page = (await state.get_data()).get("aim_page", "")
    if page == "houses":
        return await _houses(unit, officer, state, steps, text)
    if page in ("districts", "precincts", "chats"):
        return await _look_for(unit, officer, state, steps, text[:60])
    return before(_("Please choose one of the buttons."), await ask_aim(unit, officer, state, steps, replaces=False))


async def _look_for(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, letters: str) -> Reply:
    """Where one place alone has these letters, it is the one that is meant."""
    form = await state.get_data() | {"aim_find": letters}
    audience, all_his = aimed(unit, officer, form), unit.warnings.audience_of(officer)
    code, chosen, named = await _named(unit, officer, audience, form)
    if len(named) == 1 and named[0][0] not in chosen:
        await state.update_data(aim=_toggled(audience, all_his, f"{code}_ids", named[0][0]).as_json())
        letters = ""
    await state.update_data(aim_find=letters if named else "", aim_at=0)
    shown = await ask_aim(unit, officer, state, steps, replaces=False)
    return shown if named else before(_("Nothing in this list is called “{letters}”.", letters=letters), shown)


async def _houses(unit: Unit, officer: OfficerView, state: FSMContext, steps: Steps, text: str) -> Reply:
    """Each line is taken or refused with a reason; nothing is guessed: a wrong house would be warned."""
    form, all_his = await state.get_data(), unit.warnings.audience_of(officer)
    audience, refused = aimed(unit, officer, form), list[str]()
    kept = list(audience.houses)
    for found in await unit.homes.read(text):
        if found.houses is None:
            refused.append(_not_taken(found))
        elif not (all_his.everyone or set(found.houses.precinct_ids) <= set(officer.precinct_ids)):
            refused.append(_("{line}: these houses are not in your precincts.", line=found.line))
        elif found.houses not in kept:
            kept.append(found.houses)
    if len(kept) > MOST_STREETS:
        refused.append(_("More than {n} streets are too many: choose their precincts.", n=MOST_STREETS))
        kept = kept[:MOST_STREETS]
    if len(kept) > len(audience.houses):
        audience = _nowhere(audience) if _is_all(audience, all_his) else audience
        await state.update_data(aim=replace(audience, houses=tuple(kept)).as_json(), aim_page="", aim_at=0)
    shown = await ask_aim(unit, officer, state, steps, replaces=False)
    return before("\n".join(refused), shown) if refused else shown


def _not_taken(found: Found) -> str:
    if not found.maybe:
        return _("{line}: no such address was found. Write it another way or choose its precinct.", line=found.line)
    names = "; ".join(str(address_name(match, place)) for match, place in found.maybe[:3])
    return _("{line}: it is not clear which house this is. Write it in full, for example: {names}.", line=found.line,
             names=names)  # fmt: skip
