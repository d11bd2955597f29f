"""What is said in a neighbourhood group about its place: always in both languages, Kazakh first."""

import re
from collections.abc import Callable, Sequence

from bot.errors import N_
from bot.i18n import Bilingual, _, ngettext, number, speaking
from bot.services.chats import ASKING_LASTS, Binding, ChatView
from bot.services.officers import OfficerView
from bot.services.territory import PlaceView
from bot.speech import Choice, Reply, both, column
from bot.speech.calls import Bind, Called
from bot.speech.cautions import DANGER
from bot.speech.links import Links
from bot.speech.precinct import Keeper, keeper_words, neighbour_words
from bot.terms import Language

BINDING_COMMANDS = ("/bind", "/confirm", "/unbind")
GROUP_COMMANDS = ("/tip", "/start", "/report", "/help", "/menu")  # answered with the way into a private chat
GROUP = "g_"  # what a start link says before the ticket of a group
ONE = -1  # the yard lies in one precinct: said, not assumed

_INSPECTOR = re.compile(r"участков|учаск[еe]л|инспектор|inspektor|inspector|uchastkov")
_ASKS = re.compile(
    r"\?|\b(кім|ким|кто|какой|қандай|кандай|телефон\w*|тел|номер\w*|нөмір\w*|контакт\w*|где|қайда|кайда|айтыңыз|who|kim|kto)\b"
)


def asks_for_inspector(words: str) -> bool:
    """«участковый кім», «кто участковый?», «учаскелік инспектордың нөмірі»."""
    folded = words.casefold()
    return _INSPECTOR.search(folded) is not None and _ASKS.search(folded) is not None


def twice(words: Callable[[], str]) -> str:
    parts = []
    for language in (Language.KK, Language.RU):
        with speaking(language):
            parts.append(words())
    return "\n\n".join(parts)


def both_names(name: Bilingual) -> str:
    return name.kk if name.kk == name.ru else f"{name.kk} / {name.ru}"


def button(msgid: str, data: Bind) -> Choice:
    return Choice(both(msgid).replace("\n\n", " / "), data.pack())


# -- binding


def bind_choice(chat: ChatView) -> Choice:
    return button(N_("Bind to my precinct (for the inspector)"), Bind(chat=chat.id))


def greeting(chat: ChatView) -> Reply:
    return Reply(
        both(
            "Hello, dear neighbours! This is Korshi, the chat bot of the police department. It publishes warnings"
            " of the police here. Your conversations are not kept: the bot reads only what is written to it."
            " To report something, write to the bot privately. If there is danger, call 102 or 112."
        ),
        [[bind_choice(chat)]],
    )


def which_precinct(chat: ChatView, places: Sequence[PlaceView]) -> Reply:
    choices = [Choice(both_names(place.name), Bind(chat=chat.id, precinct=place.id).pack()) for place in places]
    return Reply(both("Which precinct is this group in?"), column(*choices), replaces=True)


def one_or_two(chat: ChatView, place: PlaceView, beside: Sequence[PlaceView]) -> Reply:
    text = twice(lambda: _("Precinct: {area}. Does this yard lie in one precinct or in two?", area=place.name))
    one = button(N_("In one"), Bind(chat=chat.id, precinct=place.id, second=ONE))
    two = [
        Choice(f"+ {both_names(other.name)}", Bind(chat=chat.id, precinct=place.id, second=other.id).pack())
        for other in beside
    ]
    return Reply(text, column(one, *two), replaces=True)


def confirm_question(
    chat: ChatView, binding: Binding, places: Sequence[PlaceView], officer: OfficerView, *, replaces: bool
) -> Reply:
    days = ASKING_LASTS.days

    def words() -> str:
        asked = _(
            "Inspector {officer} asks to bind this group. {where}", officer=officer.title, where=where_words(places)
        )
        how = ngettext(
            "An administrator of the chat confirms it within {n} day: with the button, or, writing in the"
            " name of the chat, with the command /confirm.",
            "An administrator of the chat confirms it within {n} days: with the button, or, writing in the"
            " name of the chat, with the command /confirm.",
            days,
        )
        return f"{asked}\n{how}"

    press = {"chat": chat.id, "precinct": binding.precinct_id, "second": binding.second_id or ONE}
    choices = column(
        button(N_("Confirm (administrator of the chat)"), Bind(**press, do="confirm")),
        button(N_("Refuse"), Bind(**press, do="refuse")),
    )
    return Reply(twice(words), choices, replaces=replaces)


def where_words(places: Sequence[PlaceView]) -> str:
    first, *second = places
    if second:
        return _("Main precinct: {area}. The yard lies in this precinct too: {second}.", area=first.name,
                 second=second[0].name)  # fmt: skip
    return _("Precinct: {area}.", area=first.name)


def bound(places: Sequence[PlaceView], officers: Sequence[OfficerView], *, replaces: bool) -> Reply:
    def words() -> str:
        names = ", ".join(str(officer.title) for officer in officers)
        done = _("This group is bound. {where} Inspector: {officer}.", where=where_words(places), officer=names)
        undo = _("The inspector or an administrator of the chat can undo it: /unbind")
        return f"{done}\n{undo}"

    return Reply(twice(words), replaces=replaces)


def unbound(chat: ChatView, *, replaces: bool = False) -> Reply:
    return Reply(both("This group is not bound to a precinct."), [[bind_choice(chat)]], replaces=replaces)


# -- who is our inspector, and the way into a private chat


def inspectors(keepers: Sequence[Keeper]) -> Reply:
    """The first precinct whole, the second in a line; nothing about who asked."""

    def words() -> str:
        return "\n\n".join([keeper_words(keepers[0]), *(neighbour_words(keeper) for keeper in keepers[1:])])

    return Reply(twice(words))


def nobody_yet(channel: Links) -> Reply:
    text = both("This group is not bound to a precinct yet. Ask the bot privately: it finds the inspector by address.")
    return Reply(text, [[private_choice(channel.start_link("inspector"))]])


def private_reply(channel: Links, ticket: str) -> Reply:
    text = both("Write the details to the bot privately: the neighbours will not see them. Press “Write privately”.")
    return Reply(text, [[private_choice(channel.start_link(f"{GROUP}{ticket}" if ticket else "tip"))]])


def private_choice(url: str) -> Choice:
    return Choice(both("Write privately").replace("\n\n", " / "), url=url)


def quote_reply(channel: Links, ticket: str, *, in_danger: bool) -> Reply:
    """The same whoever the author is."""
    words = both(
        "What a neighbour wrote leaves this group only with his consent. If the author has a private chat with the bot,"
        " the bot has asked there. The author may also write privately: press “Write privately”."
    )
    text = "\n\n".join([both(DANGER), words]) if in_danger else words
    return Reply(text, [[private_choice(channel.start_link(f"{GROUP}{ticket}" if ticket else "tip"))]])


# -- danger, and who has called 102


def danger_reply(calls: int | None, *, replaces: bool = False) -> Reply:
    """`calls` None: nobody is counted here."""
    if calls is None:
        return Reply(both(DANGER))
    label = both("102 is called already").replace("\n\n", " / ")
    lines = [both(DANGER)]
    if calls:
        lines.append(twice(lambda: _("Neighbours who have called 102: {n}.", n=number(calls))))
    return Reply("\n\n".join(lines), [[Choice(label, Called().pack())]], replaces=replaces)


def calls_over() -> str:
    return both("Two hours have passed: the calls are not counted any more. If there is danger, call 102.")


def counted_already() -> str:
    return both("You are counted already. Thank you!")


# -- what became of a tip that began here


def outcome_words(category: Bilingual, outcome: Bilingual) -> str:
    return twice(
        lambda: _(
            "Neighbours, thank you for telling. A tip from this chat is closed: {category}. Outcome: {outcome}. If it"
            " comes back, write to the bot privately.",
            category=category,
            outcome=outcome,
        )
    )
