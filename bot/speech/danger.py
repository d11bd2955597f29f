"""What is said out of present danger: the numbers and one question. Who is afraid reads no more."""

from typing import Any

from aiogram.filters.callback_data import CallbackData

from bot.errors import N_
from bot.i18n import _
from bot.services.tips import is_discreet
from bot.speech import Choice, Reply, choose
from bot.speech.calls import Danger, Home, Mine, Open, Report
from bot.speech.cautions import DANGER
from bot.speech.forms import MineForm, PrecinctForm, StartForm
from bot.suggest import discreet_danger

CATEGORY, DESPAIR = "emergency_life", "suicide"
NUMBERS = N_("🆘 Call 102 or 112 right now. Go to a safe place, do not step in yourself.")
WHERE = N_("Where is help needed? Write only the place here or send a location: it goes to the duty unit at once.")
DISCREET_NUMBERS = N_(
    "🆘 Call 102 or 112 right now; 111 helps children and families, day and night. If you can, go to a safe place."
)
DISCREET_WHERE = N_(
    "If it is safe, write only the place here or send a location: we will pass it on.\n"
    "If somebody may see your screen, choose “Not now”: what you wrote is not kept here, delete it from this chat"
    " yourself; you can begin again at any time."
)
SENT_WHERE = N_(
    "If it is safe, write only the place here or send a location: we will pass it on.\n"
    "If somebody may see your screen, choose “Not now”: nothing more is asked. What you wrote is passed on already;"
    " delete it from this chat yourself."
)
DESPAIR_AT_HOME = N_(
    "You are not alone. Call 102 or 112 right now; at 111 a person will talk with you, day and night."
    " If you can, go to a safe place."
)
BY_GROUP = {
    "suicide": N_(
        "You are not alone. Please call 112 or 111 right now: a person will talk with you."
        " Your message is passed to the duty unit."
    ),
    "fire": N_("🔥 Call 101 or 112 right now. If you smell gas, call 104. Go outside and warn your neighbours."),
    "gas": N_("🔥 Call 101 or 112 right now. If you smell gas, call 104. Go outside and warn your neighbours."),
    "medical": N_("🚑 Call 103 or 112 right now. Stay with the person until help comes, if it is safe."),
    "bomb": N_("⚠️ Do not touch the object, move away and call 102 or 112 right now."),
}


def numbers_for(group: str, category: str) -> str:
    """Of a message of this group of danger.toml that is kept under this category; of one that is not, DANGER."""
    if is_discreet(category):
        return DESPAIR_AT_HOME if group == DESPAIR else BY_GROUP.get(group, DISCREET_NUMBERS)
    return BY_GROUP.get(group, NUMBERS if category else DANGER)


def category_of(form: dict[str, Any], place: str = "") -> str:
    """Of danger at home, to a child or of a sexual kind the discreet one; else a danger to life."""
    if form.get("danger_kept"):
        return str(form["danger_kept"])
    words = "\n".join([*(part.get("text") or "" for part in form.get("parts", [])), place])
    return discreet_danger(words, form.get("danger_group") or "") or CATEGORY


def where(form: dict[str, Any]) -> Reply:
    category, asked = category_of(form), WHERE
    if is_discreet(category):
        asked = SENT_WHERE if form.get("danger_tip") else DISCREET_WHERE
    numbers = numbers_for(form.get("danger_group") or "", category)
    return Reply(f"{_(numbers)}\n\n{_(asked)}", danger_choices(form), open=True, numbered=True, asks="location")


def danger_choices(form: dict[str, Any]) -> list[list[Choice]]:
    back = choose("There is no danger, go on", way_back(form.get("danger_from"), form))
    first = [choose("Skip", Danger(step="skip")), back]
    return [first, [choose("Not now", Danger(step="unsafe"))]] if is_discreet(category_of(form)) else [first]


def way_back(came_from: str | None, form: dict[str, Any]) -> CallbackData:
    """What asks the interrupted question again."""
    if came_from in {state.state for state in (StartForm.home, StartForm.point, StartForm.address)}:
        return Home(step="ask")
    if came_from == PrecinctForm.asking.state:
        return Open(what="inspector_other")
    if came_from == MineForm.adding.state:
        return Mine(do="add", tip=form.get("tip", 0))
    return Report(step="resume")
