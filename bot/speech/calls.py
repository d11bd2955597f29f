"""What a button carries. Shared, so that one dialog can open another without knowing it."""

from aiogram.filters import Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from bot.speech.signs import Sign
from bot.terms import Language


class PickLanguage(CallbackData, prefix="lang"):
    language: Language


class Consent(CallbackData, prefix="consent"):
    step: str  # yes, no, full


class Home(CallbackData, prefix="home"):
    """Where the resident lives: how it is told, or which district and precinct."""

    step: str  # ask, point, address, list, district, precinct, skip
    id: int = 0


class OwnHouse(CallbackData, prefix="house"):
    """The house somebody lives in: `code` is all that a button knows of it. `id` of its precinct."""

    do: str  # settle, remember, forget
    id: int = 0
    code: str = ""


class Open(CallbackData, prefix="open"):
    """Opens a dialog from anywhere: menu, report, mine, inspector, language, help, subscribe, unsubscribe …"""

    what: str


class Opens(Filter):
    """The button that opens this dialog."""

    def __init__(self, *what: str) -> None:
        self.data = {Open(what=word).pack() for word in what}

    async def __call__(self, query: CallbackQuery) -> bool:
        return query.data in self.data

    def foresees(self, sign: Sign) -> bool | None:
        return None if sign.word in self.data else False


class Report(CallbackData, prefix="rep"):
    """The steps of a new tip."""

    step: str  # tile, category, safe, unsafe, done, money, home, skip, named, hidden, details, preview, send, change …
    code: str = ""


class Danger(CallbackData, prefix="dng"):
    step: str  # skip, unsafe


class Mine(CallbackData, prefix="mine"):
    """The sender's own tip."""

    do: str  # show, read, add, rate, reopen, new, cut, cut_yes
    tip: int
    rating: int = 0


class After(CallbackData, prefix="after"):
    """What the sender of a closed tip was asked."""

    do: str  # solved, unsolved, stays, back
    tip: int


class PicturePoint(CallbackData, prefix="pic"):
    """Whether it happened where a picture was taken."""

    do: str  # read, yes, no
    part: int


class Card(CallbackData, prefix="card"):
    """The holder's buttons on a tip."""

    do: str  # show, take, ask, answer, close, outcome, state, more, next, map, aloud, list
    tip: int = 0  # of the list: its page
    code: str = ""


class Ready(CallbackData, prefix="ready"):
    """The department's ready answers, in a step that waits for an officer's words."""

    do: str  # list, pick, send
    tip: int
    code: str = ""
    page: int = 0


class Past(CallbackData, prefix="past"):
    """The talk about a tip, and notes of staff for staff."""

    do: str  # show, note
    tip: int
    page: int = -1  # the newest


class Joint(CallbackData, prefix="join"):
    """Tips about one happening."""

    do: str  # choose, join, open, leave
    tip: int
    other: int = 0


class Pings(CallbackData, prefix="ping"):
    """What an officer's messenger may carry; of others for staff."""

    do: str  # show, on, off, others
    id: int = 0


class Hand(CallbackData, prefix="hand"):
    """Handing a tip over, and why it came to this holder. What was chosen before is in the form."""

    do: str  # begin, why, reason, where, precincts, districts, district, desks, precinct, desk, up, words, yes, cancel
    tip: int
    code: str = ""
    id: int = 0


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


class Review(CallbackData, prefix="rev"):
    """What waits for a second officer. `seen` is the stamp of what he has looked at."""

    do: str  # list, show, approve, back, cancel
    what: str = "warning"  # or campaign, correction
    id: int = 0
    seen: str = ""


class Follow(CallbackData, prefix="sub"):
    """What a resident subscribes to, and when not to be disturbed."""

    do: str  # topics, topic, quiet, hours
    code: str = ""


class Bind(CallbackData, prefix="bind"):
    """A group to one precinct or two: asked by the inspector, confirmed by an administrator of the chat."""

    chat: int
    precinct: int = 0
    second: int = 0  # -1: there is none
    do: str = "ask"  # ask, confirm, refuse


class Called(CallbackData, prefix="called"):
    """102 is called already: which word of danger it is about, the message under the button says."""

    do: str = "yes"


class Quoted(CallbackData, prefix="quo"):
    """Whether a person's words of a group may become his tip."""

    do: str  # yes, no
    id: int


class Tell(CallbackData, prefix="tell"):
    """What became of a tip, to the group it began in."""

    do: str  # look, yes
    tip: int


class Look(CallbackData, prefix="look"):
    """Looking for an inspector by the list."""

    step: str  # districts, district, precinct
    id: int = 0
    page: int = 0


class Rota(CallbackData, prefix="rota"):
    """Leave, substitutes, weekly duty."""

    do: str
    id: int = 0
    code: str = ""


class Staff(CallbackData, prefix="staff"):
    do: str
    id: int = 0
