"""Is this really my inspector? A phone, an @name, a contact, a forwarded message, a badge or a name is looked up."""

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, MessageOriginHiddenUser, MessageOriginUser

from bot.i18n import _
from bot.services.officers import OfficerView
from bot.services.register import Card, Claim, Finding, Verdict, is_card, read_card
from bot.services.residents import Person
from bot.services.unit import Unit
from bot.speech import Choice, Reply, choose
from bot.speech.calls import Open, Opens
from bot.speech.forms import RegisterForm
from bot.speech.presses import StrayIn, was_answered
from bot.speech.report import busy
from bot.terms import Role

LONGEST = 200  # characters looked at: a name, a number or an address is shorter


def router() -> Router:
    router = Router(name="register")
    router.message.register(begin, Command("verify"))
    router.callback_query.register(press_begin, Opens("register"))
    router.message.register(check, StateFilter(RegisterForm.asking), StrayIn(RegisterForm))
    return router


async def begin(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await ask(state)


async def press_begin(_query: CallbackQuery, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await ask(state)


async def ask(state: FSMContext) -> Reply:
    await state.clear()
    await state.set_state(RegisterForm.asking)
    return question()


def question() -> Reply:
    text = _(
        "Write the name or the phone number of the person who says he is an inspector. A photo of the identity card is"
        " not needed."
    )
    more = _(
        "A badge number, a name at Telegram (@name), a contact and a message forwarded from that person are fine too."
    )
    return Reply(f"{text}\n{more}", menu(), open=True)


def menu() -> list[list[Choice]]:
    return [[choose("Menu", Open(what="menu"))]]


async def check(
    message: Message, unit: Unit, person: Person, state: FSMContext, contact_card: Card | None = None
) -> Reply | None:
    """Nothing of what was asked is written down: neither here nor in the dialog's form."""
    if await was_answered(message, state):
        return None
    claim = claim_of(message, contact_card)
    if claim is None:
        if message.document is not None and is_card(message.document.mime_type):
            unread = _("This contact card could not be read. Write the number that stands in it.")
            return Reply(unread, menu(), open=True, tag=tag_of(message))
        return question()
    verdict = await unit.register.check(claim)
    if verdict.finding is Finding.UNCLEAR:
        unclear = _("This is too little to check. Write the whole number, or the name and the surname.")
        return Reply(unclear, menu(), open=True, tag=tag_of(message))
    again = [choose("Check another", Open(what="register")), choose("Menu", Open(what="menu"))]
    return Reply(await words_of(verdict, unit, person), [again], open=True, tag=tag_of(message))


def tag_of(message: Message) -> str:
    """Of files in a row one answer is enough elsewhere; here each card is a question of its own."""
    return f"register:{message.message_id}" if message.document is not None else ""


def claim_of(message: Message, card: Card | None) -> Claim | None:
    """`card` came as a file. Telegram shows what its own cards say beside the number too."""
    if (contact := message.contact) is not None:
        more = read_card((contact.vcard or "").encode())
        phones = (contact.phone_number, *(more.numbers if more else ()))
        name = f"{contact.first_name or ''} {contact.last_name or ''}".strip()
        return Claim(phones=phones, name=name[:LONGEST], telegram_id=contact.user_id)
    if card is not None:
        return Claim(phones=card.numbers, name=card.name[:LONGEST])
    origin = message.forward_origin
    if isinstance(origin, MessageOriginUser):
        writer = origin.sender_user
        return Claim(name=writer.full_name[:LONGEST], username=writer.username or "", telegram_id=writer.id)
    if isinstance(origin, MessageOriginHiddenUser):
        return Claim(name=origin.sender_user_name[:LONGEST])
    if message.text and origin is None:
        return Claim(message.text[:LONGEST])
    return None


async def words_of(verdict: Verdict, unit: Unit, person: Person) -> str:
    officer = verdict.officer
    if officer is None:
        return refusal(verdict.finding)
    if verdict.finding is Finding.NAMED:
        if not officer.has(Role.INSPECTOR):
            return _(
                "Such a police officer is in the register: {officer}.\nBut a fraudster may use this name. The police do"
                " not ask for money, codes or card details. If in doubt, call 102 and check.",
                officer=officer.title,
            )
        return _(
            "Such an inspector is in the register: {officer}.\nBut a fraudster may use this name. An inspector does not"
            " ask for money, codes or card details. If in doubt, call 102 and check.",
            officer=officer.title,
        )
    found = _(
        "This is in the register. It belongs to: {officer}.\nBut a caller's number can be forged, and anybody can say"
        " somebody else's badge or name. The police do not ask for money, codes or card details. If in doubt, call 102"
        " and check.",
        officer=officer.title,
    )
    where = await precinct_words(officer, unit, person)
    return f"{found}\n{where}" if where else found


def refusal(finding: Finding) -> str:
    if finding is Finding.SIMILAR:
        return _(
            "⚠️ Be careful: there is an inspector with a similar name, but it does not match exactly. Fraudsters may"
            " deceive in this way. Call 102 and check."
        )
    return _(
        "❌ There is no such inspector in the register. Stop the conversation, give no money, tell no code. Call 102"
        " and check."
    )


async def precinct_words(officer: OfficerView, unit: Unit, person: Person) -> str:
    """Whose inspector he is: the question was about one's own, or about who works instead of him now."""
    if person.precinct_id is not None and person.precinct_id in officer.precinct_ids:
        return _("This is the inspector of your precinct.")
    if await stands_in(officer, unit, person):
        return _("This officer works instead of the inspector of your precinct now.")
    if not officer.precinct_ids:
        return ""
    names = ", ".join([str((await unit.territory.precinct(id_)).name) for id_ in officer.precinct_ids])
    if person.precinct_id is None:
        return _("Precinct: {area}.", area=names)
    return _("This is not the inspector of your precinct. Precinct of this inspector: {area}.", area=names)


async def stands_in(officer: OfficerView, unit: Unit, person: Person) -> bool:
    own = await unit.officers.inspector_of(person.precinct_id) if person.precinct_id is not None else None
    present = await unit.roster.present(own, unit.clock.now()) if own is not None else None
    return present is not None and present.id == officer.id
