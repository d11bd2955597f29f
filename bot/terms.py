"""Words the code decides on. What staff may extend (categories, states, outcomes, schemes) are rows, not enums."""

from enum import IntEnum, StrEnum


class Language(StrEnum):
    KK = "kk"
    RU = "ru"


class Messenger(StrEnum):
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


class Urgency(StrEnum):
    U0 = "U0"
    U1 = "U1"
    U2 = "U2"
    U3 = "U3"
    U4 = "U4"


URGENT = (Urgency.U0, Urgency.U1)  # these cannot wait: first in lists and in the queue


class StateType(StrEnum):
    """What a tip's state means to the clocks: running, paused while the resident is asked, over."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Role(StrEnum):
    INSPECTOR = "inspector"
    DESK = "desk"
    DUTY = "duty"
    OWN_SECURITY = "own_security"
    STAFF = "staff"
    HEAD = "head"
    ADMIN = "admin"


class DeskKind(StrEnum):
    DESK = "desk"
    DISTRICT_DUTY = "district_duty"
    DEPARTMENT_DUTY = "department_duty"
    OWN_SECURITY = "own_security"


class PlaceSource(StrEnum):
    """How the precinct of a tip was found, the surest first."""

    POINT = "point"
    HOUSE = "house"
    CHAT = "chat"
    LIST = "list"
    HOME = "home"
    NONE = "none"


class Rung(StrEnum):
    """Where on the ladder a tip lies; silence moves it down this list, precinct to department."""

    PRECINCT = "precinct"
    SUBSTITUTE = "substitute"
    DESK = "desk"
    DISTRICT = "district"
    DEPARTMENT = "department"
    OWN_SECURITY = "own_security"


class Identity(StrEnum):
    """The honest levels of a tip (never "anonymous")."""

    NAMED = "named"
    HIDDEN = "hidden"
    CUT = "cut"


class PartKind(StrEnum):
    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    VOICE = "voice"
    AUDIO = "audio"
    DOCUMENT = "document"
    LOCATION = "location"
    CONTACT = "contact"


class EndpointState(StrEnum):
    OPEN = "open"
    BLOCKED = "blocked"
    LEFT = "left"
    DEAD = "dead"
    STOPPED = "stopped"


class NoticeKind(StrEnum):
    """What a promise says. The words are made when it is sent (bot.speech)."""

    TIP_SENT = "tip_sent"
    TIP_TAKEN = "tip_taken"
    TIP_QUESTION = "tip_question"
    TIP_ANSWER = "tip_answer"
    TIP_CLOSED = "tip_closed"
    TIP_MOVED = "tip_moved"
    TIP_JOINED = "tip_joined"
    CARD = "card"
    CARD_PART = "card_part"
    CARD_ADDED = "card_added"
    CARD_RATED = "card_rated"
    CARD_LEFT = "card_left"
    ROSTER = "roster"
    WARNING = "warning"
    WARNING_PROGRESS = "warning_progress"
    WARNING_CHANGE = "warning_change"
    WARNING_REVIEW = "warning_review"
    WARNING_RETURNED = "warning_returned"
    CAMPAIGN_GONE = "campaign_gone"
    LATE_REPLY = "late_reply"
    TIP_SOLVED_ASK = "tip_solved_ask"
    TIP_BACK_ASK = "tip_back_ask"
    CARD_TIME = "card_time"
    QUOTE_ASK = "quote_ask"
    TIP_POINT_ASK = "tip_point_ask"
    FILE_REFUSED = "file_refused"
    GROUP_OUTCOME = "group_outcome"
    APOLOGY = "apology"
    ALARM = "alarm"
    STOPPED = "stopped"


class Lane(IntEnum):
    """Which queue a message waits in at its messenger, most pressing first: a reply never waits behind a campaign."""

    REPLY = 0
    URGENT = 1
    ANSWER = 2
    CAMPAIGN = 3
    EDIT = 4


class NoticeState(StrEnum):
    """The life of a notice: it moves only downwards in this list, except SENDING back to DUE on a retry."""

    DUE = "due"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class WarningState(StrEnum):
    """STOPPED: the program itself stopped it, with a reason; CANARY: the first few go, the rest waits for them."""

    DRAFT = "draft"
    AWAITING = "awaiting"
    RETURNED = "returned"
    CANARY = "canary"
    SPREADING = "spreading"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


class CorrectionState(StrEnum):
    AWAITING = "awaiting"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class CampaignState(StrEnum):
    AWAITING = "awaiting"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    CANCELLED = "cancelled"
