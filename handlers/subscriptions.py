"""What a resident is warned about, when he is not disturbed, and how to leave: one screen, both messengers."""

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.services.residents import Person
from bot.services.subscriptions import topics
from bot.services.unit import Unit
from bot.speech import Reply, choose, column, rows
from bot.speech.calls import Follow, Home, Opens, OwnHouse
from bot.speech.calls import Open as Opening
from bot.speech.filters import HasText, Pressed, Says
from bot.speech.forms import FollowForm
from bot.speech.hours import HoursNotUnderstood, hours_words, parse_hours
from bot.speech.menu import WARNING_WORDS, menu_reply
from bot.speech.presses import StrayIn, before, stale
from bot.speech.report import busy
from bot.speech.topics import topic_choices

READY = {"2200-0800": (22 * 60, 8 * 60), "2100-0900": (21 * 60, 9 * 60), "2300-0700": (23 * 60, 7 * 60)}


def router() -> Router:
    router = Router(name="subscriptions")
    router.message.register(open_typed, Command("subscriptions"))
    router.message.register(open_typed, StateFilter(None), Says(*WARNING_WORDS))
    router.message.register(tell_hours, StateFilter(FollowForm.quiet), HasText())
    router.message.register(tell_other, StrayIn(FollowForm))
    router.callback_query.register(open_pressed, Opens("subscription"))
    router.callback_query.register(subscribe, Opens("subscribe"))
    router.callback_query.register(unsubscribe, Opens("unsubscribe"))
    router.callback_query.register(press, Pressed("sub"), Follow.filter())
    return router


async def open_typed(_message: Message, unit: Unit, person: Person, state: FSMContext) -> Reply:
    return await busy(person, state, unit) or await subscription(unit, person)


async def open_pressed(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    return await subscription(unit, person)


async def subscription(unit: Unit, person: Person, *, replaces: bool = False) -> Reply:
    """All of it: six buttons, however many topics there are."""
    chosen = await unit.subscriptions.of(person.id)
    names = [str(one.name) for one in topics() if one.code in chosen]
    hours = await unit.residents.quiet_of(person)
    if names:
        lines = [
            _("You get warnings of the police about: {topics}.", topics=", ".join(names)),
            _("Only a few come each week."),
        ]
    else:
        lines = [_("You get no warnings now.")]
    lines.append(hours_words(hours))
    if await unit.homes.is_known(person.id):
        lines.append(_("🏠 Your house is remembered: warnings for it alone reach you too."))
    choices = [
        choose("What about", Follow(do="topics")),
        choose("Quiet hours", Follow(do="quiet")),
        choose("Language", Opening(what="language")),
        choose("Is this warning ours?", Opening(what="proof")),
        choose("Stop everything", Opening(what="stop")),
        choose("Menu", Opening(what="menu")),
    ]
    return Reply("\n".join(lines), rows(choices), replaces=replaces)


async def subscribe(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    await unit.subscriptions.subscribe_usual(person.id)
    return menu_reply(
        person,
        _(
            "You are subscribed to warnings. Only a few come each week. To stop them, choose “Warnings: on or off” in"
            " the menu."
        ),
    )


async def unsubscribe(_query: CallbackQuery, unit: Unit, person: Person) -> Reply:
    """Also the button of WhatsApp's template: all topics, at once."""
    await unit.subscriptions.unsubscribe_all(person.id)
    return menu_reply(
        person, _("The subscription is off: warnings will not come. Answers to your tips will come as before.")
    )


async def press(
    _query: CallbackQuery, callback_data: Follow, unit: Unit, person: Person, state: FSMContext, raw_state: str | None
) -> Reply:
    match callback_data.do:
        case "topics":
            return await show_topics(unit, person)
        case "topic":
            await unit.subscriptions.switch(person.id, callback_data.code)
            return await show_topics(unit, person)
        case "quiet":
            return await busy(person, state, unit) or await ask_hours(state)
        case "hours" if callback_data.code in READY or not callback_data.code:
            await unit.residents.choose_quiet(person, READY.get(callback_data.code))
            if raw_state == FollowForm.quiet.state:
                await state.clear()
            return await subscription(unit, person, replaces=True)
    return stale(person)


async def show_topics(unit: Unit, person: Person) -> Reply:
    chosen = await unit.subscriptions.of(person.id)
    choices = column(*topic_choices(chosen))
    house = (
        choose("Forget my house", OwnHouse(do="forget"))
        if await unit.homes.is_known(person.id)
        else choose("Warnings for my house", Home(step="address"))
    )
    last = [choose("Unsubscribe", Opening(what="unsubscribe")), choose("Done", Opening(what="subscription"))]
    text = _("Which warnings shall come to you? Press to switch on or off.")
    return Reply(text, [*choices, [house], last], replaces=True)


async def ask_hours(state: FSMContext) -> Reply:
    await state.clear()
    await state.set_state(FollowForm.quiet)
    text = _(
        "When shall warnings not disturb you? Choose or write, for example: {example}. Only urgent ones come then.",
        example="22:00-07:00",
    )
    ready = [
        choose("From 22:00 to 08:00", Follow(do="hours", code="2200-0800")),
        choose("From 21:00 to 09:00", Follow(do="hours", code="2100-0900")),
        choose("From 23:00 to 07:00", Follow(do="hours", code="2300-0700")),
        choose("As for everybody", Follow(do="hours")),
        choose("Back", Opening(what="subscription")),
    ]
    return Reply(text, column(*ready), open=True)


async def tell_hours(_message: Message, text: str, unit: Unit, person: Person, state: FSMContext) -> Reply:
    """Raises HoursNotUnderstood: the question stays open."""
    hours = parse_hours(text)
    await unit.residents.choose_quiet(person, hours)
    await state.clear()
    return await subscription(unit, person)


async def tell_other(_message: Message, state: FSMContext) -> Reply:
    return before(_(HoursNotUnderstood.msgid, example="22:00-07:00"), await ask_hours(state))
