"""The questions of a new tip, asked from more than one place: after a first word, in a group, after a danger."""

from dataclasses import replace

from aiogram.fsm.context import FSMContext

from bot.data import load
from bot.errors import N_
from bot.i18n import Bilingual, _, ngettext
from bot.services.residents import Person
from bot.services.tips import CategoryView, is_discreet
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_about, choose_named, column, rows
from bot.speech.calls import Open, Report
from bot.speech.cautions import DANGER, formal_words
from bot.speech.check import ask_check, ask_damage, ask_details, ask_identity
from bot.speech.discreet import ask_safe
from bot.speech.forms import TipForm
from bot.speech.money import MONEY, ask_money
from bot.speech.place import ask_place, note_point
from bot.speech.presses import before
from bot.suggest import suggest
from bot.terms import Messenger, Urgency

EMERGENCY = "danger"  # the 🆘 tile
COMPLAINT = "officer_complaint"

__all__ = [
    "COMPLAINT",
    "DRAFT",
    "EMERGENCY",
    "MONEY",
    "ask_category",
    "ask_check",
    "ask_damage",
    "ask_details",
    "ask_first",
    "ask_identity",
    "ask_money",
    "ask_next",
    "ask_place",
    "ask_safe",
    "ask_story",
    "ask_tile",
    "begun",
    "busy",
    "count_words",
    "note_point",
    "question",
    "story_choices",
]


async def ask_next(state: FSMContext, unit: Unit) -> Reply:
    """What is missing, one at a time; what was said already is not asked again."""
    form = await state.get_data()
    if not form.get("category"):
        return await ask_first(state, unit)
    if is_discreet(form["category"]) and not form.get("is_safe"):
        return await ask_safe(state)
    if form["category"] == MONEY and not form.get("has_money"):
        return await ask_money(state)
    if not form.get("has_story") if form["category"] == MONEY else not form.get("parts"):
        return await ask_story(state)
    if not form.get("placed") and form.get("point"):
        words, is_taken = await note_point(state, unit, form["point"][0], form["point"][1])
        asked = await ask_next(state, unit) if is_taken else await ask_place(state, unit)
        return before(words, asked) if words else asked
    if not form.get("placed") and form["category"] != MONEY:  # where it was done to him is not where they are
        return await ask_place(state, unit)
    if not form.get("identity"):
        return await ask_identity(state)
    return await ask_check(state, unit)


async def question(state: FSMContext, unit: Unit, step: str | None) -> Reply | None:
    """What is asked at this step; None where no tip is being written."""
    match step:
        case TipForm.category.state:
            return await ask_first(state, unit)
        case TipForm.safe.state:
            return await ask_safe(state)
        case TipForm.story.state:
            return await ask_story(state)
        case TipForm.money.state:
            return await ask_money(state)
        case TipForm.place.state:
            return await ask_place(state, unit)
        case TipForm.identity.state:
            return await ask_identity(state)
        case TipForm.check.state:
            return await ask_check(state, unit)
        case TipForm.damage.state:
            return await ask_damage(state)
    return None


DRAFT = {state.state for state in TipForm.__all_states__ if state != TipForm.danger_place}


async def busy(person: Person, state: FSMContext, unit: Unit) -> Reply | None:
    """A tip with words in it is being written: nothing else may take its place unasked. None: nothing is lost."""
    step = await state.get_state()
    if step not in DRAFT or not (await state.get_data()).get("parts"):
        return None
    words = _("First finish the tip you are writing, or choose “Cancel”.")
    if person.messenger is Messenger.TELEGRAM:
        return Reply(alert=words)
    asked = await question(state, unit, step)
    return Reply(words) if asked is None else replace(before(words, asked), tag="")  # no repetition to be spared


# -- what it is about


async def ask_first(state: FSMContext, unit: Unit) -> Reply:
    """After words or files that nothing was asked for: what they seem to be about, the likeliest first.

    The rest of their burst gets this same answer while it suggests the same."""
    form = await state.get_data()
    parts = form.get("parts", [])
    words = "\n".join(part["text"] for part in parts if part.get("text"))
    known = {item.code: item for item in await unit.tips.categories()} if words else {}
    found = [known[code] for code in suggest(words).categories if code in known]
    if not found:
        asked = await ask_tile(state)
        return replace(before(_("It is written down."), asked), tag="first") if parts or form.get("point") else asked
    await state.update_data(suggested=[item.code for item in found])
    if found[0].is_discreet and not form.get("is_safe"):
        return await ask_safe(state)  # before any word of what it seems to be about
    await state.set_state(TipForm.category)
    first = choose_about(N_("It looks like: {category}"), "category", found[0].label, _pick(found[0]))
    others = [choose_named(item.label, _pick(item)) for item in found[1:]]
    last = [choose("Something else", Report(step="tiles")), choose("Cancel", Report(step="cancel"))]
    text = _("It is written down. What is it about? The program suggests, you decide. You can go on writing.")
    return Reply(text, [*column(first, *others), last], tag=f"first:{','.join(item.code for item in found)}")


def _pick(category: CategoryView) -> Report:
    return Report(step="category", code=category.code)


async def ask_tile(state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(TipForm.category)
    choices = []
    for tile in load("categories")["tile"]:
        name = Bilingual(f"{tile['icon']} {tile['kk']}", f"{tile['icon']} {tile['ru']}")
        data = Open(what="emergency") if tile["code"] == EMERGENCY else Report(step="tile", code=tile["code"])
        choices.append(choose_named(name, data))
    cancel = choose("Cancel", Report(step="cancel"))
    return Reply(
        _("What happened? Choose from the list or write in your own words."),
        [*rows(choices), [cancel]],
        replaces=replaces,
    )


async def ask_category(unit: Unit, tile: str) -> Reply:
    categories = await unit.tips.categories(tile)
    choices = [choose_named(item.label, _pick(item)) for item in categories]
    back = [choose("Back", Report(step="tiles")), choose("Cancel", Report(step="cancel"))]
    return Reply(_("What exactly?"), [*column(*choices), back], replaces=True)


# -- story


async def ask_story(state: FSMContext) -> Reply:
    """How far the story is; of money gone the pictures are asked for by name."""
    await state.set_state(TipForm.story)
    form = await state.get_data()
    parts = form.get("parts", [])
    if form.get("category") == MONEY:
        text = _(
            "Last: send screenshots of the conversation, receipts, the transfer, and write what else is important."
            " When you have finished, choose “Done”."
        )
        return Reply(f"{text}\n{count_words(len(parts))}" if parts else text, story_choices(), open=True)
    return Reply(count_words(len(parts)) if parts else story_words(), story_choices(), open=True)


async def begun(state: FSMContext, unit: Unit, category: CategoryView) -> Reply:
    """What a category has to say before its next question."""
    if category.is_discreet and not (await state.get_data()).get("is_safe"):
        return replace(await ask_safe(state), replaces=True)  # who looks on reads nothing of what it is about
    words = [str(category.label)]
    if category.urgency is Urgency.U0:
        words.insert(0, _(DANGER))
    if category.code == COMPLAINT:
        words.append(_("Only the own-security unit will see this tip."))
        words.append(formal_words())
    asked = await ask_next(state, unit)
    return replace(before("\n\n".join(words), asked), replaces=True)


def story_words() -> str:
    return _(
        "Write what happened and when. You can add photos, video, a voice message."
        " When you have finished, choose “Done”."
    )


def count_words(count: int) -> str:
    return ngettext(
        "Written down: {n} message. Add more, or choose “Done”.",
        "Written down: {n} messages. Add more, or choose “Done”.",
        count,
    )


def story_choices() -> list[list[Choice]]:
    return [[choose("Done", Report(step="done")), choose("Cancel", Report(step="cancel"))]]
