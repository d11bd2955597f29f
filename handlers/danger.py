"""Present danger stops every dialog: the numbers first, at any hour, to anybody; then only the place is asked."""

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Filter, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import danger_in
from bot.errors import N_, KorshiError, NotFound, TipClosed
from bot.i18n import _, moment
from bot.services.residents import Person
from bot.services.routing import NOWHERE, Spot
from bot.services.tips import PartDraft, Submitted, TipDraft, TipView, is_discreet
from bot.services.unit import Unit
from bot.speech import Choice, Reply, both, choose
from bot.speech.calls import Danger, Home, Mine, Open, Opens, Report
from bot.speech.cautions import DANGER
from bot.speech.filters import HasLocation, HasText, HasWords, InForm, Pressed, Says
from bot.speech.forms import OFFICER_FORMS, MineForm, PrecinctForm, StartForm, TipForm
from bot.speech.menu import WORDS_OF_COMMAND, menu_reply
from bot.speech.parts import LONGEST, Part, part_of, source_of
from bot.suggest import discreet_danger
from bot.terms import Identity, PartKind, PlaceSource, StateType, Urgency

CATEGORY = "emergency_life"
NO_PLACE = TipDraft(CATEGORY, (), Identity.HIDDEN)
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


class DangerWords(InForm):
    """Words of present danger, wherever the dialog stands; not while an officer writes his answer or a warning."""

    def __init__(self) -> None:
        super().__init__(*OFFICER_FORMS)

    async def __call__(self, event: Message, raw_state: str | None = None, person: Person | None = None) -> Any:  # type: ignore[override]
        if raw_state == TipForm.danger_place.state:
            return False
        if raw_state in self.states and person is not None and person.officer is not None:
            return False
        found = danger_in(event.text or event.caption or "")
        return {"group": found.group} if found else False


class IsAskedByDuty(Filter):
    """The duty unit has asked somebody who spoke of suicide and never gave consent: the answer must reach it."""

    async def __call__(self, _message: Message, unit: Unit, person: Person | None = None) -> Any:
        if person is None or person.has_consent or person.officer is not None:
            return False
        tip = await unit.tips.open_of(person)
        return {"tip": tip} if tip is not None and tip.state_type is StateType.WAITING else False


def router() -> Router:
    router = Router(name="danger")
    router.message.register(danger_words, DangerWords())
    router.message.register(answer_duty, HasText(), ~Says(*WORDS_OF_COMMAND), IsAskedByDuty())
    router.edited_message.register(danger_words, DangerWords())
    here = StateFilter(TipForm.danger_place)
    router.message.register(danger_point, here, HasLocation())
    router.message.register(danger_address, here, HasText(), ~Says(*WORDS_OF_COMMAND))
    router.message.register(danger_other, here, ~HasWords())
    router.callback_query.register(emergency_tile, Opens("emergency"))
    router.callback_query.register(danger_press, Pressed("dng"), Danger.filter())
    return router


async def danger_words(message: Message, group: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """With the file the words came under: it is a part of the story."""
    try:
        part = part_of(message)
    except KorshiError:
        part = Part(PartKind.TEXT, (message.text or message.caption or "")[:LONGEST], source=source_of(message))
    return await ask_only_place(unit, state, person, group, part)


async def answer_duty(_message: Message, text: str, tip: TipView, unit: Unit, person: Person) -> Reply:
    await unit.tips.add(person, tip.id, PartDraft(PartKind.TEXT, text[:LONGEST]))
    words = N_("Thank you, your answer is passed to the inspector.")
    return Reply(both(words) if person.language is None else _(words), tag=f"added:{tip.id}")


async def emergency_tile(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    await state.update_data(danger_tile=True)
    return await ask_only_place(unit, state, person, "", None)


async def ask_only_place(unit: Unit, state: FSMContext, person: Person, group: str, part: Part | None) -> Reply:
    """Numbers before anything is stored. Without consent nothing more can be done here, and the numbers are said;
    but talk of suicide goes to a person whoever it comes from."""
    if person.is_blocked or not person.has_consent:
        if group == "suicide" and part is not None:
            await tell_duty_unit(unit, person, part)
        numbers = BY_GROUP.get(group, DANGER)
        return Reply(both(numbers) if person.language is None else _(numbers))
    form, came_from = await state.get_data(), await state.get_state()
    if came_from == TipForm.danger_place.state:
        came_from = form.get("danger_from")
    parts = [*form.get("parts", []), *([part.as_form()] if part else [])]
    group = group or form.get("danger_group") or ""
    kept = await discreet_before(unit, person, form)
    form = await state.update_data(parts=parts, danger_from=came_from, danger_group=group, danger_kept=kept)
    if group == "suicide":  # goes to a person at once; the place follows
        tip = await unit.tips.submit(person, urgent_draft(form, person))
        form = await state.update_data(danger_tip=tip.id)
    await state.set_state(TipForm.danger_place)
    return where(form)


async def discreet_before(unit: Unit, person: Person, form: dict[str, Any]) -> str:
    """What is being told already, in this draft or in an open tip, and must not be told to who looks on."""
    if is_discreet(form.get("category") or ""):
        return str(form["category"])
    known = await unit.tips.open_of(person)
    return known.category.code if known is not None and known.category.is_discreet else ""


def category_of(form: dict[str, Any], place: str = "") -> str:
    """Of danger at home, to a child or of a sexual kind the discreet one; else a danger to life."""
    if form.get("danger_kept"):
        return str(form["danger_kept"])
    words = "\n".join([*(part.get("text") or "" for part in form.get("parts", [])), place])
    return discreet_danger(words, form.get("danger_group") or "") or CATEGORY


def where(form: dict[str, Any]) -> Reply:
    """The numbers and one question: who is afraid reads no more."""
    numbers, asked = NUMBERS, WHERE
    if is_discreet(category_of(form)):
        numbers, asked = DISCREET_NUMBERS, SENT_WHERE if form.get("danger_tip") else DISCREET_WHERE
    numbers = BY_GROUP.get(form.get("danger_group") or "", numbers)
    return Reply(f"{_(numbers)}\n\n{_(asked)}", danger_choices(form), open=True, numbered=True, asks="location")


async def tell_duty_unit(unit: Unit, person: Person, part: Part) -> None:
    """A life comes before the consent: the words alone are kept, and the way back to their author in the vault.

    Said again they belong to the same tip, so that one person in despair, or in anger, is one matter on the desk."""
    words = PartDraft(PartKind.TEXT, part.text)
    known = await unit.tips.open_of(person)
    if known is not None and known.category.code == CATEGORY and known.identity is Identity.HIDDEN:
        await unit.tips.add(person, known.id, words)
        return
    draft = TipDraft(CATEGORY, [words], Identity.HIDDEN, spot=home_of(person), urgency=Urgency.U0, is_quiet=True)
    await unit.tips.submit(person, draft)


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


async def danger_point(
    _message: Message, point: tuple[float, float], unit: Unit, person: Person, state: FSMContext
) -> Reply:
    draft = replace(NO_PLACE, point=point, spot=await unit.territory.spot_at(*point))
    return await pass_on(unit, person, state, draft)


async def danger_address(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    found = await unit.territory.at_address(text)
    spot = Spot(found[0][1].id, PlaceSource.HOUSE) if found and found[0][0].certain else None
    return await pass_on(unit, person, state, replace(NO_PLACE, place=text[:500], spot=spot))


async def danger_other(message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """A file belongs to the story; the place is still asked."""
    form = await state.get_data()
    try:
        part = part_of(message)
    except KorshiError:
        part = None
    if part is not None and form.get("danger_tip"):
        await unit.tips.add(person, form["danger_tip"], part.as_draft())
    elif part is not None:
        await state.update_data(parts=[*form.get("parts", []), part.as_form()])
    return replace(where(form), tag="danger")


async def danger_press(
    _query: CallbackQuery, callback_data: Danger, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """The place is not known: what was written goes without it. Somebody looks on: nothing tells what was begun."""
    if raw_state != TipForm.danger_place.state:
        return Reply(_(DANGER))
    if callback_data.step == "unsafe":
        await state.clear()
        return menu_reply(person, replaces=True)
    return await pass_on(unit, person, state, NO_PLACE)


async def pass_on(unit: Unit, person: Person, state: FSMContext, where: TipDraft) -> Reply:
    """To the duty unit at once, without a name: who called is asked by the people of 102, not by a chat.

    One short answer; the secret code and what a tip is not come when the tip is opened, or ten minutes later."""
    form = await state.get_data()
    tip = await told_before(unit, person, form, where) or await told_now(unit, person, form, where)
    await state.clear()
    due = moment(tip.due_at, unit.zone) if tip.due_at else "–"
    if is_discreet(category_of(form, where.place)):
        return Reply(_("No. {number}: it is written down. Time of the answer: {due}.", number=tip.number, due=due))
    return Reply(
        _(
            "Your message No. {number} is passed to the duty unit. Answer due: {due}."
            " If you have not called 102 yet, call now.",
            number=tip.number,
            due=due,
        )
    )


async def told_before(unit: Unit, person: Person, form: dict[str, Any], where: TipDraft) -> TipView | None:
    """The tip that went before the place was asked. None: there is none, or it is over already."""
    if not form.get("danger_tip"):
        return None
    words = where.place or ", ".join(f"{number:.5f}" for number in where.point or ())
    try:
        if words:
            return await unit.tips.add(person, form["danger_tip"], PartDraft(PartKind.TEXT, words))
        return await unit.tips.sent(person, form["danger_tip"])
    except (TipClosed, NotFound):
        return None


async def told_now(unit: Unit, person: Person, form: dict[str, Any], where: TipDraft) -> Submitted:
    draft = urgent_draft(form, person, where.place)
    spot = where.spot or draft.spot
    return await unit.tips.submit(person, replace(draft, place=where.place, point=where.point, spot=spot))


def urgent_draft(form: dict[str, Any], person: Person, place: str = "") -> TipDraft:
    drafts, category = [Part(**item).as_draft() for item in form.get("parts", [])], category_of(form, place)
    return TipDraft(category, drafts, Identity.HIDDEN, spot=home_of(person), urgency=Urgency.U0, is_hurried=True)


def home_of(person: Person) -> Spot:
    """Where nothing better is known the duty unit of the sender's own district looks first."""
    return NOWHERE if person.precinct_id is None else Spot(person.precinct_id, PlaceSource.HOME)
