"""How a tip is sent, and the last look at it: what the inspector will see, and details nobody has to give."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram.fsm.context import FSMContext

from bot.errors import N_
from bot.i18n import _, number
from bot.services.tips import Told
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, column, pair, rows
from bot.speech.calls import Report
from bot.speech.forms import TipForm
from bot.speech.money import NAMES
from bot.speech.parts import Part
from bot.speech.place import place_words
from bot.speech.reveal import KINDS, revealed
from bot.speech.told import when_words
from bot.terms import Identity

SHOWN = 700  # characters of the story in the summary
PREVIEWED = 2500
DETAILS: dict[str, tuple[tuple[str, str, object], ...]] = {
    "when": (("now", N_("Now"), "now"), ("today", N_("Today"), "today"), ("earlier", N_("Earlier"), "earlier")),
    "day_part": (
        ("night", N_("At night"), "night"), ("morning", N_("In the morning"), "morning"),
        ("day", N_("In the daytime"), "day"), ("evening", N_("In the evening"), "evening"),
    ),
    "is_public_place": (("public", N_("Public place"), True), ("private", N_("Not a public place"), False)),
    "has_camera": (("camera", N_("There is a camera nearby"), True), ("no_camera", N_("No camera nearby"), False)),
}  # fmt: skip
_NIGHT, _MORNING, _DAY, _EVENING = 6, 12, 18, 23  # hours at which they end


async def ask_identity(state: FSMContext) -> Reply:
    await state.set_state(TipForm.identity)
    explain = _(
        "• With my name: the inspector sees your name and number.\n"
        "• Without my name: the inspector and other officers see an alias instead of your name. Opening your name needs"
        " a reason and the permission of a second officer; you will see who opened it.\n"
        "Keep in mind: Telegram or WhatsApp knows the sender anyway, and Korshi keeps your account encrypted to bring"
        " you the answer. Somebody may recognise you by the text or a photo. You can break the link at any time."
    )
    asked = _("How shall we send the tip: with your name or without it?")
    choices = column(
        choose("Send without my name", Report(step="hidden")), choose("Send with my name", Report(step="named"))
    )
    return Reply(f"{asked}\n\n{explain}", choices)


async def ask_check(state: FSMContext, unit: Unit, *, replaces: bool = False) -> Reply:
    await state.set_state(TipForm.check)
    form = await state.get_data()
    parts = [Part(**item) for item in form.get("parts", [])]
    story = "\n".join(part.text for part in parts if part.text)
    category = await unit.tips.category(form["category"])
    identity = _("Send with my name") if form["identity"] == Identity.NAMED else _("Send without my name")
    text = _(
        "Please check:\nWhat happened: {category}\nText: {text}\nFiles: {files}\nPlace: {place}\n"
        "How it is sent: {identity}\nIs everything right?",
        category=category.label,
        text=story if len(story) <= SHOWN else story[:SHOWN] + "…",
        files=number(sum(1 for part in parts if part.file)),
        place=place_words(form),
        identity=identity,
    )
    more = [*told_of_form(form), *(pair(_(NAMES[name]), value) for name, value in form.get("evidence", {}).items())]
    choices = [
        [choose("Send", Report(step="send"))],
        [choose("Add details", Report(step="details")), choose("As the inspector sees it", Report(step="preview"))],
        [choose("Change", Report(step="change")), choose("Cancel", Report(step="cancel"))],
    ]
    return Reply("\n\n".join(filter(None, (text, "\n".join(more)))), choices, replaces=replaces)


def change_choices() -> list[list[Choice]]:
    return column(
        choose("What happened", Report(step="edit", code="category")),
        choose("The text: write it anew", Report(step="edit", code="story")),
        choose("The place", Report(step="edit", code="place")),
        choose("With or without my name", Report(step="edit", code="identity")),
    )


# -- details


async def ask_details(state: FSMContext, words: str = "") -> Reply:
    """Buttons of one press; what is chosen is marked, a second press takes it back."""
    await state.set_state(TipForm.check)
    details: dict[str, Any] = (await state.get_data()).get("details", {})
    choices: list[list[Choice]] = []
    for name, options in DETAILS.items():
        row = []
        for code, label, value in options:
            choice = choose(label, Report(step="detail", code=code))
            is_on = details.get(name) == value
            row.append(Choice(f"✓ {choice.label}", choice.value, also=choice.also) if is_on else choice)
        choices += rows(row, 3 if len(row) == 3 else 2)
    damage = details.get("damage")
    choices.append([choose("Damage in tenge", Report(step="detail", code="damage"))])
    choices.append([choose("Back", Report(step="back"))])
    text = _("These details help, and none of them is needed. Press what you know.")
    shown = pair(_("Damage"), f"{number(damage)} ₸") if damage is not None else ""
    return Reply("\n".join(filter(None, (words, text, shown))), choices, replaces=True)


async def set_detail(state: FSMContext, code: str) -> bool:
    """False: there is no such button."""
    for name, options in DETAILS.items():
        for option, _label, value in options:
            if option == code:
                details = dict((await state.get_data()).get("details", {}))
                details[name] = None if details.get(name) == value else value
                await state.update_data(details=details)
                return True
    return False


async def ask_damage(state: FSMContext, words: str = "") -> Reply:
    await state.set_state(TipForm.damage)
    text = _("Write the damage in tenge, as a number. For example: {example}", example=number(15000))
    skip = [[choose("Back", Report(step="details"))]]
    return Reply("\n".join(filter(None, (words, text))), skip, open=True)


def told_of(form: dict[str, Any], now: datetime, zone: ZoneInfo) -> Told:
    """What goes with the tip. Of «now» the day and its part are known."""
    details = form.get("details", {})
    when, local = details.get("when") or "", now.astimezone(zone)
    part = details.get("day_part") or (day_part(local.hour) if when == "now" else "")
    return Told(
        when=when,
        on=local.date() if when in ("now", "today") else None,
        day_part=part,
        is_public_place=details.get("is_public_place"),
        has_camera=details.get("has_camera"),
        damage=details.get("damage"),
    )


def day_part(hour: int) -> str:
    if hour < _NIGHT or hour >= _EVENING:
        return "night"
    return "morning" if hour < _MORNING else "day" if hour < _DAY else "evening"


def told_of_form(form: dict[str, Any]) -> list[str]:
    """For the summary: as the card will show it."""
    details = form.get("details", {})
    told = Told(details.get("when") or "", None, details.get("day_part") or "")
    lines = [pair(_("When it happened"), when_words(told))] if when_words(told) else []
    for name, label in (("is_public_place", N_("Public place")), ("has_camera", N_("Camera nearby"))):
        if details.get(name) is not None:
            lines.append(pair(_(label), _("yes") if details[name] else _("no")))
    if details.get("damage") is not None:
        lines.append(pair(_("Damage"), f"{number(details['damage'])} ₸"))
    return lines


# -- as the inspector sees it


async def preview(state: FSMContext, unit: Unit, name: str | None) -> Reply:
    """What stands on the card, and what of the sender the words themselves tell."""
    form = await state.get_data()
    category = await unit.tips.category(form["category"])
    story = "\n".join(part.get("text", "") for part in form.get("parts", []) if part.get("text"))
    is_named = form["identity"] == Identity.NAMED
    lines = [
        _("The inspector will see:"),
        str(category.label),
        pair(_("From"), (name or "–") if is_named else _("without a name")),
        pair(_("Place of the event"), place_words(form)),
        story if len(story) <= PREVIEWED else story[:PREVIEWED] + "…",
    ]
    found = revealed("\n".join([story, str(form.get("place") or "")]))
    if found:
        listed = "\n".join(f"• {pair(_(KINDS[item.kind]), item.words)}" for item in found)
        lines += ["", _("⚠️ Somebody can be recognised by these words:"), listed]
        lines.append(_("Leave them if they belong to the matter; if they are about you, change the text."))
    else:
        lines += ["", _("No names, numbers or addresses were noticed in the text. A person may notice more.")]
    choices = column(choose("Change the text", Report(step="edit", code="story")), choose("Back", Report(step="back")))
    return Reply("\n".join(lines), choices, replaces=True)
