"""The main menu: the same tiles for everybody, the officer's own above them."""

from bot.i18n import _
from bot.services.residents import Person
from bot.speech import Choice, Reply, choose, column, rows
from bot.speech.calls import Card, Open, Pings, Review, Rota, Staff, Warn
from bot.speech.typed import everywhere
from bot.terms import Role

START_WORDS = ("start", "старт", "бастау")
MENU_WORDS, CANCEL_WORDS, SKIP_WORDS = everywhere("menu"), everywhere("cancel"), everywhere("skip")
BACK_WORDS = everywhere("back")
HELP_WORDS = ("help", "көмек", "помощь")
STOP_WORDS = (
    "stop", "стоп", "тоқта", "тоқтат", "тоқтату", "тоқтатыңыз", "бәрін тоқтату", "остановить всё", "отписаться",
    "unsubscribe",
)  # fmt: skip
WARNING_WORDS = ("ескертулер", "предупреждения")
WORDS_OF_COMMAND = (*START_WORDS, *MENU_WORDS, *HELP_WORDS, *STOP_WORDS, *CANCEL_WORDS)
WRONG_NUMBER = "number:"  # what a typed number means that the open menu does not have


def menu_reply(person: Person, text: str = "", *, replaces: bool = False) -> Reply:
    """What can be done here. In danger the numbers come before the menu."""
    head = text or _("What would you like to do? If there is danger, call 102 or 112.")
    return Reply(head, menu_choices(person), replaces=replaces)


def menu_choices(person: Person) -> list[list[Choice]]:
    officer = person.officer
    own: list[Choice] = []
    if officer is not None:
        own.append(choose("Tips in work", Card(do="list")))
        if officer.has(Role.INSPECTOR, Role.STAFF, Role.HEAD, Role.ADMIN):
            own.append(choose("Write a warning", Warn(do="new")))
            own.append(choose("My warnings", Warn(do="list")))
        if officer.has(Role.STAFF, Role.HEAD, Role.ADMIN):
            own.append(choose("Campaigns", Open(what="campaigns")))
            own.append(choose("To approve", Review(do="list")))
            own.append(choose("Statistics", Open(what="statistics")))
        if officer.has(Role.ADMIN):
            own.append(choose("Invite an officer", Staff(do="list")))
        own.append(choose("Leave and substitution", Rota(do="list")))
        own.append(choose("What is sent to me", Pings(do="show")))
    resident = [
        choose("My tips", Open(what="mine")),
        choose("Find my inspector", Open(what="inspector")),
        choose("Warnings: on or off", Open(what="subscription")),
        choose("Language", Open(what="language")),
        choose("Help", Open(what="help")),
    ]
    return [*column(choose("Send a tip", Open(what="report"))), *rows(own), *rows(resident)]
