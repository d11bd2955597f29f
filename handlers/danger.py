"""Present danger stops every dialog: the numbers first, at any hour, to anybody; then only the place is asked."""

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Filter, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.danger import danger_in
from bot.errors import N_, KorshiError, NotFound, TipClosed
from bot.i18n import _, moment
from bot.services.residents import Person
from bot.services.routing import NOWHERE, Spot
from bot.services.talks import TalkView
from bot.services.tips import PartDraft, PlaceDraft, Submitted, TipDraft, TipView, is_discreet
from bot.services.unit import Unit
from bot.speech import Reply, both
from bot.speech.calls import Danger, Opens
from bot.speech.cautions import DANGER
from bot.speech.danger import CATEGORY, DESPAIR, category_of, numbers_for, where
from bot.speech.filters import HasLocation, HasText, HasWords, InForm, Pressed, Says
from bot.speech.forms import OFFICER_FORMS, TipForm
from bot.speech.menu import WORDS_OF_COMMAND, menu_reply
from bot.speech.parts import LONGEST, Part, part_of, source_of
from bot.suggest import discreet_danger
from bot.terms import Identity, PartKind, PlaceSource, StateType, Urgency

NO_PLACE = TipDraft(CATEGORY, (), Identity.HIDDEN)


class DangerWords(InForm):
    """Words of present danger, wherever the dialog stands; not while an officer writes his answer or a warning.

    Where a place is waited for they are the place; but talk of suicide is heard there too."""

    def __init__(self) -> None:
        super().__init__(*OFFICER_FORMS)

    async def __call__(  # type: ignore[override]
        self,
        event: Message,
        raw_state: str | None = None,
        person: Person | None = None,
        talk: TalkView | None = None,
    ) -> Any:
        if raw_state in self.states and person is not None and person.officer is not None:
            return False
        found = danger_in(event.text or event.caption or "")
        if raw_state == TipForm.danger_place.state:
            heard = talk.form.get("danger_group") if talk is not None else None
            return {"group": DESPAIR} if found and found.group == DESPAIR != heard else False
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
        category = await tell_duty_unit(unit, person, part) if group == DESPAIR and part is not None else ""
        numbers = numbers_for(group, category)
        return Reply(both(numbers) if person.language is None else _(numbers))
    form, came_from = await state.get_data(), await state.get_state()
    if came_from == TipForm.danger_place.state:
        came_from = form.get("danger_from")
    parts = [*form.get("parts", []), *([part.as_form()] if part else [])]
    group = group or form.get("danger_group") or ""
    kept = await discreet_before(unit, person, form)
    form = await state.update_data(parts=parts, danger_from=came_from, danger_group=group, danger_kept=kept)
    if group == DESPAIR:  # goes to a person at once; the place follows
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


async def tell_duty_unit(unit: Unit, person: Person, part: Part) -> str:
    """A life comes before the consent: the words alone are kept, and the way back to their author in the vault. The
    category they are under.

    Said again they belong to the same tip, so that one person in despair, or in anger, is one matter on the desk."""
    words, category = PartDraft(PartKind.TEXT, part.text), discreet_danger(part.text, DESPAIR) or CATEGORY
    known = await unit.tips.open_of(person)
    if known is not None and known.urgency is Urgency.U0 and known.identity is Identity.HIDDEN:
        await unit.tips.add(person, known.id, words)
        return known.category.code if known.category.is_discreet else category
    draft = TipDraft(category, [words], Identity.HIDDEN, spot=home_of(person), urgency=Urgency.U0, is_quiet=True)
    await unit.tips.submit(person, draft)
    return category


async def danger_point(
    _message: Message, point: tuple[float, float], unit: Unit, person: Person, state: FSMContext
) -> Reply:
    draft = replace(NO_PLACE, point=point, spot=await unit.territory.spot_at(*point))
    return await pass_on(unit, person, state, draft)


async def danger_address(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Whoever is heard already may go on telling instead: these words are no place, and it is still asked."""
    found, form = await unit.territory.at_address(text), await state.get_data()
    if form.get("danger_tip") and not found and danger_in(text):
        return await go_on(unit, person, state, Part(PartKind.TEXT, text[:LONGEST]))
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
        return await go_on(unit, person, state, part)
    if part is not None:
        await state.update_data(parts=[*form.get("parts", []), part.as_form()])
    return replace(where(form), tag="danger")


async def go_on(unit: Unit, person: Person, state: FSMContext, part: Part) -> Reply:
    """More for the tip that went before the place. It is over already: then the place begins another with this."""
    form = await state.get_data()
    try:
        await unit.tips.add(person, form["danger_tip"], part.as_draft())
    except (TipClosed, NotFound):
        form = await state.update_data(danger_tip=None, parts=[part.as_form()])
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


async def pass_on(unit: Unit, person: Person, state: FSMContext, place: TipDraft) -> Reply:
    """To the duty unit at once, without a name: who called is asked by the people of 102, not by a chat.

    One short answer; the secret code and what a tip is not come when the tip is opened, or ten minutes later."""
    form = await state.get_data()
    tip = await told_before(unit, person, form, place) or await told_now(unit, person, form, place)
    await state.clear()
    due = moment(tip.due_at, unit.zone) if tip.due_at else "–"
    if is_discreet(category_of(form, place.place)):
        return Reply(_("No. {number}: it is written down. Time of the answer: {due}.", number=tip.number, due=due))
    return Reply(
        _(
            "Your message No. {number} is passed to the duty unit. Answer due: {due}."
            " If you have not called 102 yet, call now.",
            number=tip.number,
            due=due,
        )
    )


async def told_before(unit: Unit, person: Person, form: dict[str, Any], place: TipDraft) -> TipView | None:
    """The tip that went before the place was asked. None: there is none, or it is over already."""
    if not form.get("danger_tip"):
        return None
    told = PlaceDraft(place.place, place.point, place.spot or NOWHERE)
    try:
        if told.said:
            return await unit.tips.tell_place(person, form["danger_tip"], told)
        return await unit.tips.sent(person, form["danger_tip"])
    except (TipClosed, NotFound):
        return None


async def told_now(unit: Unit, person: Person, form: dict[str, Any], place: TipDraft) -> Submitted:
    draft = urgent_draft(form, person, place.place)
    spot = place.spot or draft.spot
    return await unit.tips.submit(person, replace(draft, place=place.place, point=place.point, spot=spot))


def urgent_draft(form: dict[str, Any], person: Person, place: str = "") -> TipDraft:
    drafts, category = [Part(**item).as_draft() for item in form.get("parts", [])], category_of(form, place)
    return TipDraft(category, drafts, Identity.HIDDEN, spot=home_of(person), urgency=Urgency.U0, is_hurried=True)


def home_of(person: Person) -> Spot:
    """Where nothing better is known the duty unit of the sender's own district looks first."""
    return NOWHERE if person.precinct_id is None else Spot(person.precinct_id, PlaceSource.HOME)
