"""What a button carries, and the states of dialogs. Shared, so that one dialog can open another without knowing it."""

from aiogram.filters import Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery

from bot.terms import Language


class PickLanguage(CallbackData, prefix="lang"):
    language: Language


class Consent(CallbackData, prefix="consent"):
    step: str  # yes, no, full


class Home(CallbackData, prefix="home"):
    """Where the resident lives: how it is told, or which district and precinct."""

    step: str  # ask, point, address, list, district, precinct, skip
    id: int = 0


class Open(CallbackData, prefix="open"):
    """Opens a dialog from anywhere: menu, report, mine, inspector, language, help, subscribe, unsubscribe …"""

    what: str


class Opens(Filter):
    """The button that opens this dialog."""

    def __init__(self, *what: str) -> None:
        self.data = {Open(what=word).pack() for word in what}

    async def __call__(self, query: CallbackQuery) -> bool:
        return query.data in self.data


class Report(CallbackData, prefix="rep"):
    """The steps of a new tip."""

    step: str  # tile, category, done, here, skip, named, hidden, send, change, cancel
    code: str = ""


class Danger(CallbackData, prefix="dng"):
    step: str  # skip, no


class Mine(CallbackData, prefix="mine"):
    """The sender's own tip."""

    do: str  # show, add, rate, reopen, new
    tip: int
    rating: int = 0


class Card(CallbackData, prefix="card"):
    """The holder's buttons on a tip."""

    do: str  # show, take, ask, answer, close, outcome, list
    tip: int = 0
    code: str = ""


class Warn(CallbackData, prefix="warn"):
    """The steps of writing a warning and its steering."""

    do: str
    id: int = 0
    code: str = ""


class Plan(CallbackData, prefix="plan"):
    """Campaigns."""

    do: str
    id: int = 0
    code: str = ""


class Bind(CallbackData, prefix="bind"):
    """A group to a precinct: pressed in the group by the inspector."""

    chat: int
    precinct: int = 0


class Staff(CallbackData, prefix="staff"):
    do: str
    id: int = 0


class TipForm(StatesGroup):
    category = State()
    story = State()
    place = State()
    identity = State()
    check = State()
    danger_place = State()


class StartForm(StatesGroup):
    language = State()
    consent = State()
    home = State()
    point = State()
    address = State()


class MineForm(StatesGroup):
    adding = State()
    stopping = State()


class CardForm(StatesGroup):
    asking = State()
    answering = State()
    closing = State()


class WarnForm(StatesGroup):
    source = State()
    kk = State()
    ru = State()
    picture = State()
    check = State()
    reason = State()


class PlanForm(StatesGroup):
    source = State()
    kk = State()
    ru = State()
    picture = State()
    when = State()
    time = State()
    days = State()
    until = State()
    check = State()


class PrecinctForm(StatesGroup):
    asking = State()


class StaffForm(StatesGroup):
    inviting = State()


OFFICER_FORMS = (CardForm, WarnForm, PlanForm, StaffForm)
