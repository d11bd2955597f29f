"""The questions of a new tip, asked from more than one place: after a first word, in a group, after a danger."""

from typing import Any

from aiogram.fsm.context import FSMContext

from bot.data import load
from bot.i18n import Bilingual, _, ngettext, number
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose, choose_named, column, rows
from bot.speech.calls import Open, Report, TipForm
from bot.speech.parts import Part
from bot.speech.presses import before
from bot.terms import Identity, Messenger

SHOWN = 700  # characters of the story in the summary
EMERGENCY = "danger"  # the 🆘 tile
MONEY = "fraud_victim"
COMPLAINT = "officer_complaint"


async def question(state: FSMContext, unit: Unit, step: str | None) -> Reply | None:
    """What is asked at this step; None where no tip is being written."""
    match step:
        case TipForm.category.state:
            return await ask_tile(state)
        case TipForm.story.state:
            return await ask_story(state)
        case TipForm.place.state:
            return await ask_place(state)
        case TipForm.identity.state:
            return await ask_identity(state, unit)
        case TipForm.check.state:
            return await ask_check(state, unit)
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
    return Reply(words) if asked is None else before(words, asked)


# -- what it is about


async def ask_first(state: FSMContext) -> Reply:
    """After words or files that nothing was asked for. The rest of their burst gets this same answer."""
    await state.set_state(TipForm.category)
    await state.update_data(unasked=True)
    return Reply(
        _("It is written down. Shall we send it to the police as a tip?"),
        [[choose("Send a tip", Open(what="report")), choose("Menu", Open(what="menu"))]],
        open=True,
        tag="first",
    )


async def ask_tile(state: FSMContext, *, replaces: bool = False) -> Reply:
    await state.set_state(TipForm.category)
    await state.update_data(unasked=None)
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
    choices = [choose_named(item.label, Report(step="category", code=item.code)) for item in categories]
    back = [choose("Back", Report(step="tiles")), choose("Cancel", Report(step="cancel"))]
    return Reply(_("What exactly?"), [*column(*choices), back], replaces=True)


# -- story


async def ask_story(state: FSMContext) -> Reply:
    """The head of the category, and how far the story is."""
    await state.set_state(TipForm.story)
    parts = (await state.get_data()).get("parts", [])
    return Reply(count_words(len(parts)) if parts else story_words(), story_choices(), open=True)


async def ask_money_story(state: FSMContext, *, replaces: bool = False) -> Reply:
    """Money or a code has gone: the bank and 102 before anything else, then the particulars."""
    await state.update_data(category=MONEY)
    await state.set_state(TipForm.story)
    text = _(
        "If money is gone, every minute matters:\n"
        "1) Call your bank (the number is on the back of the card). Ask to stop the transfer and block the card.\n"
        "2) Call 102.\n"
        "3) Do not delete the conversation, receipts, screenshots.\n"
        "4) Write here: when, how much, to which number or account, what link there was.\n"
        "It is not your fault: a fraudster can deceive anyone."
    )
    parts = (await state.get_data()).get("parts", [])
    text = f"{text}\n\n{count_words(len(parts))}" if parts else text
    return Reply(text, story_choices(), replaces=replaces, open=True)


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


# -- place


async def ask_place(state: FSMContext, text: str = "") -> Reply:
    await state.set_state(TipForm.place)
    question = text or _(
        "Where did it happen? We need the place of the event, not the place where you are now."
        " Send a location or write the address. If you do not know, choose “Skip”."
    )
    return Reply(question, [[choose("Skip", Report(step="skip"))]], open=True, asks="location")


# -- how, and the last look


async def ask_identity(state: FSMContext, unit: Unit) -> Reply:
    if (await state.get_data()).get("identity"):
        return await ask_check(state, unit)
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


async def ask_check(state: FSMContext, unit: Unit) -> Reply:
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
    choices = [
        [choose("Send", Report(step="send"))],
        [choose("Change", Report(step="change")), choose("Cancel", Report(step="cancel"))],
    ]
    return Reply(text, choices)


def place_words(form: dict[str, Any]) -> str:
    if form.get("place"):
        return str(form["place"])
    if form.get("point"):
        latitude, longitude = form["point"]
        return f"📍 {latitude:.5f}, {longitude:.5f}"
    return "–"


def change_choices() -> list[list[Choice]]:
    return column(
        choose("What happened", Report(step="edit", code="category")),
        choose("The text: write it anew", Report(step="edit", code="story")),
        choose("The place", Report(step="edit", code="place")),
        choose("With or without my name", Report(step="edit", code="identity")),
    )
