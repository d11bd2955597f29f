"""A second officer looks at what another has written or planned, and lets it go or sends it back with a reason."""

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _, moment, number
from bot.services.officers import OfficerView
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.services.warnings import APPROVERS, REASON_LIMIT
from bot.speech import Choice, Reply, choose, column, pair
from bot.speech.calls import Review, Warn
from bot.speech.drafts import form_of, menu_choice, title_of
from bot.speech.filters import HasText, IsOfficer, Pressed
from bot.speech.forms import ReviewForm
from bot.speech.parts import TextTooLong
from bot.speech.plans import rule_words
from bot.speech.presses import StrayIn, before, officer_of, stale, was_answered
from bot.speech.previews import audience_lines, frequency_lines, preview, sender_lines, tap_lines
from bot.speech.reviews import as_it_is, as_it_will_be, doubt_words, told_words, until_words, urgency_words


def router() -> Router:
    router = Router(name="approving")
    officer = IsOfficer(*APPROVERS)
    router.message.register(list_typed, Command("approvals"), officer)
    router.message.register(tell_reason, officer, StateFilter(ReviewForm.reason), HasText())
    router.message.register(tell_other, officer, StrayIn(ReviewForm))
    gate = Pressed("rev")
    router.callback_query.register(press_list, gate, officer, Review.filter(F.do == "list"))
    router.callback_query.register(press_show, gate, officer, Review.filter(F.do == "show"))
    router.callback_query.register(press_approve, gate, officer, Review.filter(F.do == "approve"))
    router.callback_query.register(press_back, gate, officer, Review.filter(F.do == "back"))
    router.callback_query.register(press_cancel, gate, officer, Review.filter(F.do == "cancel"))
    return router


async def list_typed(_message: Message, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def press_list(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await listed(unit, officer_of(person))


async def listed(unit: Unit, officer: OfficerView) -> Reply:
    found = [
        Choice(f"{'❗ ' if one.is_urgent else ''}{title_of(one.text)}", Review(do="show", id=one.id).pack())
        for one in await unit.warnings.awaiting(officer)
    ]
    found += [
        Choice(f"🗓 {title_of(one.text)}", Review(do="show", what="campaign", id=one.id).pack())
        for one in await unit.campaigns.awaiting(officer)
    ]
    found += [
        Choice(f"✏️ {title_of(one.text)}", Review(do="show", what="correction", id=one.id).pack())
        for one in await unit.warnings.corrections_awaiting(officer)
    ]
    if not found:
        return Reply(_("Nothing waits for your approval."), [[menu_choice()]])
    return Reply(_("These wait for your approval:"), [*column(*found), [menu_choice()]])


async def press_show(_query: CallbackQuery, callback_data: Review, unit: Unit, person: Person) -> Reply:
    """Both versions as residents get them, then all that is decided on with them."""
    if callback_data.what == "campaign":
        return await show_campaign(unit, person, callback_data.id)
    if callback_data.what == "correction":
        return await show_correction(unit, person, callback_data.id)
    warning, author = await unit.warnings.reviewed(officer_of(person), callback_data.id)
    lines = [_("Written by: {officer}.", officer=author), *tap_lines(warning.text)]
    lines += await audience_lines(unit, warning.audience, warning.topic, warning.media_id)
    lines += await sender_lines(unit, warning.author_id, person)
    lines.append(
        urgency_words(warning.reason) if warning.is_urgent else _("Not urgent: at night it waits for the morning.")
    )
    lines += [until_words(warning, unit.zone), doubt_words(repeats=warning.repeats_doubt)]
    card = Reply("\n".join(lines), decisions("warning", warning.id, warning.stamp))
    form = {"kk": warning.text.kk, "ru": warning.text.ru, "media": warning.media_id, "taps": True}  # as it goes
    return await preview(unit, person, form, card, warning.code)


async def show_campaign(unit: Unit, person: Person, campaign_id: int) -> Reply:
    campaign, author = await unit.campaigns.reviewed(officer_of(person), campaign_id)
    lines = [_("Planned by: {officer}.", officer=author), *tap_lines(campaign.text)]
    if campaign.days:
        lines.append(_("Every week: {days}", days=rule_words(campaign.days, campaign.until)))
    if campaign.next_at is not None:
        lines.append(_("Next time: {at}", at=moment(campaign.next_at, unit.zone)))
    lines += await audience_lines(unit, campaign.audience, campaign.topic, campaign.media_id)
    lines += frequency_lines(len(campaign.days)) + await sender_lines(unit, campaign.author_id, person)
    lines.append(_("Approved once, it goes at each of its times with this same text."))
    card = Reply("\n".join(lines), decisions("campaign", campaign.id, campaign.stamp))
    return await preview(unit, person, form_of(campaign.draft), card)


async def show_correction(unit: Unit, person: Person, correction_id: int) -> Reply:
    """What people have now and what they would have, in both languages."""
    proposal = await unit.warnings.reviewed_correction(officer_of(person), correction_id)
    warning = proposal.warning
    progress = await unit.warnings.progress(warning.id)
    lines = [
        _("Correction of the warning {code}.", code=warning.code),
        _("Written by: {officer}.", officer=proposal.author),
        pair(_("Sent"), number(progress.sent)) if progress.is_counted else "",
        told_words(warning.published, proposal.text),
        _("Whoever still waits for the warning gets it like this at once."),
    ]
    decide = Reply("\n".join(filter(None, lines)), decisions("correction", proposal.id, proposal.stamp))
    return Reply(as_it_is(warning.published), then=Reply(as_it_will_be(proposal.text), then=decide))


def decisions(what: str, id_: int, seen: str) -> list[list[Choice]]:
    approve = choose("Approve", Review(do="approve", what=what, id=id_, seen=seen))
    back = choose("Send back", Review(do="back", what=what, id=id_))
    return [[approve, back], [choose("Others that wait", Review(do="list")), menu_choice()]]


async def press_approve(_query: CallbackQuery, callback_data: Review, unit: Unit, person: Person) -> Reply:
    """Without a look nothing is approved: the button carries the stamp of what was seen."""
    officer = officer_of(person)
    if not callback_data.seen:
        return stale(person)
    last = [[choose("Others that wait", Review(do="list")), menu_choice()]]
    if callback_data.what == "campaign":
        campaign = await unit.campaigns.approve(officer, callback_data.id, callback_data.seen)
        at = moment(campaign.next_at, unit.zone) if campaign.next_at else "–"
        return Reply(_("Approved. The campaign goes for the first time at {at}.", at=at), last, replaces=True)
    if callback_data.what == "correction":
        corrected = await unit.warnings.approve_correction(officer, callback_data.id, callback_data.seen)
        text = _(
            "Approved. Those whose text of the warning {code} has changed are being told.", code=corrected.code
        )  # fmt: skip
        return Reply(text, [[how_it_goes(corrected.id)], *last], replaces=True)
    warning = await unit.warnings.approve(officer, callback_data.id, callback_data.seen)
    if warning.due_at is not None and warning.due_at > unit.clock.now():
        text = _("Approved. The warning goes at {at}.", at=moment(warning.due_at, unit.zone))
    else:
        text = _("Approved. The warning {code} is being sent.", code=warning.code)
    return Reply(text, [[how_it_goes(warning.id)], *last], replaces=True)


def how_it_goes(warning_id: int) -> Choice:
    """Whoever has let it go may also stop it."""
    return choose("How it goes", Warn(do="show", id=warning_id))


async def press_back(
    _query: CallbackQuery, callback_data: Review, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    """What he is writing himself is not dropped for it."""
    if raw_state is not None and raw_state != ReviewForm.reason.state:
        words = _("First finish what you are writing, or cancel it: /cancel")
        return Reply(words)
    officer = officer_of(person)
    match callback_data.what:
        case "campaign":
            await unit.campaigns.reviewed(officer, callback_data.id)
        case "correction":
            await unit.warnings.reviewed_correction(officer, callback_data.id)
        case _:
            await unit.warnings.reviewed(officer, callback_data.id)
    await state.update_data(what=callback_data.what, id=callback_data.id)
    return await ask_reason(state)


async def ask_reason(state: FSMContext) -> Reply:
    await state.set_state(ReviewForm.reason)
    text = _("What should be changed? Write it in a few words: the author reads them.")
    return Reply(text, [[choose("Cancel", Review(do="cancel"))]], open=True)


async def press_cancel(
    _query: CallbackQuery, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    if raw_state != ReviewForm.reason.state:
        return stale(person)
    await state.clear()
    return await listed(unit, officer_of(person))


async def tell_reason(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    if len(text) > REASON_LIMIT:
        raise TextTooLong(length=len(text), limit=REASON_LIMIT)
    if not any(letter.isalpha() for letter in text):
        return await ask_reason(state)
    form = await state.get_data()
    officer = officer_of(person)
    match form.get("what"):
        case "campaign":
            await unit.campaigns.give_back(officer, form["id"], text)
        case "correction":
            await unit.warnings.return_correction(officer, form["id"], text)
        case _:
            await unit.warnings.give_back(officer, form["id"], text)
    await state.clear()
    words = _("It went back to its author with your words. It does not go.")
    return Reply(words, [[choose("Others that wait", Review(do="list")), menu_choice()]])


async def tell_other(message: Message, state: FSMContext) -> Reply | None:
    if await was_answered(message, state):
        return None
    return before(_("Only plain text can be accepted here."), await ask_reason(state))
