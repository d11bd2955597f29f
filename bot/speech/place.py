"""Where it happened: asked apart from where the sender is now; an address in the story is offered."""

import re
from typing import Any

from aiogram.fsm.context import FSMContext

from bot.i18n import _
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column
from bot.speech.calls import Report
from bot.speech.forms import TipForm
from bot.speech.precinct import address_name

FAR_METRES = 50_000
NOT_TOLD: dict[str, Any] = {
    "place": "", "point": None, "precinct": None, "chat": None, "home": None, "offered": None, "placed": True,
}  # fmt: skip
_WORDS_BEFORE, _LONGEST_LOOK = 3, 1000
_TOKEN = re.compile(r"\d+(?:/\d+)?[^\W\d_]?(?![\w])|[^\W\d_][\w'’-]*\.?")
MOST_LOOKED, MOST_OFFERED = 6, 2


async def ask_place(state: FSMContext, unit: Unit, text: str = "") -> Reply:
    await state.set_state(TipForm.place)
    question = text or _(
        "Where did it happen? Write the address, in a village with its name, or send the place on the map with 📎."
        " If you are at that place now, send where you are. If you do not know, choose “Skip”."
    )
    form = await state.get_data()
    choices = [*home_choice(form), choose("Skip", Report(step="skip"))]
    if form.get("yard"):
        choices.insert(0, choose("In our yard", Report(step="yard")))
        question = "\n".join(
            [question, _("“In our yard” means the yard of the group: {place}.", place=form["yard_name"])]
        )
    story = "\n".join(part.get("text", "") for part in form.get("parts", []))
    found = await _addresses_in(unit, story)
    if found:
        await state.update_data(offered=[[str(name), place_id] for name, place_id in found])
        offered = [choose_named(name, Report(step="place", code=str(n))) for n, (name, _id) in enumerate(found)]
        choices = [*offered, *choices]
    return Reply(question, column(*choices), open=True, numbered=True, asks="location")


def home_choice(form: dict[str, Any], code: str = "") -> list[Choice]:
    """For who has a precinct; `code` as in `handlers.place.pick_home`."""
    return [] if form.get("has_no_precinct") else [choose("In my precinct", Report(step="home", code=code))]


async def _addresses_in(unit: Unit, story: str) -> list[tuple[Any, int]]:
    """Addresses of the register that stand in the text, whole and certain."""
    found: dict[str, tuple[Any, int]] = {}
    for phrase in phrases_with_house(story):
        for match, place in (await unit.territory.at_address(phrase))[:1]:
            if match.certain and match.house:
                name = address_name(match, place)
                found.setdefault(str(name), (name, place.id))
        if len(found) >= MOST_OFFERED:
            break
    return list(found.values())


def phrases_with_house(text: str) -> list[str]:
    """«Абай көшесі 40», «Ерубаева 35»: a number with the words before it, the longest first. Pure."""
    tokens = _TOKEN.findall(text[:_LONGEST_LOOK])
    phrases: list[str] = []
    for index, token in enumerate(tokens):
        if not token[0].isdigit() or index == 0:
            continue
        before = [word for word in tokens[max(0, index - _WORDS_BEFORE) : index] if not word[0].isdigit()]
        for count in range(len(before), 0, -1):
            phrases.append(" ".join([*before[-count:], token]))
    return phrases[: MOST_LOOKED * _WORDS_BEFORE]


async def note_point(state: FSMContext, unit: Unit, latitude: float, longitude: float) -> tuple[str, bool]:
    """Words about a place outside the borders, and whether it is taken: one far away is a slip of the finger."""
    spot = await unit.territory.spot_at(latitude, longitude)
    outside = _("This place is outside the territory of the department. If it is urgent, call 102.")
    if (spot.outside_metres or 0) > FAR_METRES:
        await state.update_data(point=None)
        again = _("Send another place, write the address or choose “Skip”.")
        return f"{outside}\n{again}", False
    await state.update_data(NOT_TOLD | {"point": [latitude, longitude]})
    return ("" if spot.outside_metres is None else outside), True


def place_words(form: dict[str, Any]) -> str:
    if form.get("place"):
        return str(form["place"])
    if form.get("point"):
        latitude, longitude = form["point"]
        return f"📍 {latitude:.5f}, {longitude:.5f}"
    return _("In my precinct") if form.get("home") else "–"
