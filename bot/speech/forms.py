"""Where a dialog stands: the states of all forms, shared so that one dialog knows that another is open."""

from aiogram.fsm.state import State, StatesGroup


class TipForm(StatesGroup):
    category = State()
    safe = State()
    story = State()
    money = State()
    place = State()
    identity = State()
    check = State()
    damage = State()
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
    noting = State()
    joining = State()


class PingsForm(StatesGroup):
    whose = State()


class HandForm(StatesGroup):
    reason = State()
    where = State()
    words = State()
    check = State()


class WarnForm(StatesGroup):
    source = State()
    kk = State()
    ru = State()
    picture = State()
    audience = State()
    expiry = State()
    check = State()
    reason = State()


class WatchForm(StatesGroup):
    """A warning that has gone: its correction, and the question about one person."""

    kk = State()
    ru = State()
    check = State()
    whom = State()


class PlanForm(StatesGroup):
    source = State()
    kk = State()
    ru = State()
    picture = State()
    audience = State()
    when = State()
    time = State()
    days = State()
    until = State()
    check = State()


class ReviewForm(StatesGroup):
    reason = State()


class FollowForm(StatesGroup):
    quiet = State()


class PrecinctForm(StatesGroup):
    asking = State()


class ProofForm(StatesGroup):
    asking = State()


class RegisterForm(StatesGroup):
    asking = State()


class RotaForm(StatesGroup):
    whom = State()
    reason = State()
    first = State()
    last = State()
    substitute = State()
    watcher = State()
    days = State()
    check = State()
    watch_check = State()


class StaffForm(StatesGroup):
    inviting = State()


OFFICER_FORMS = (CardForm, HandForm, WarnForm, PlanForm, StaffForm, RotaForm, ReviewForm, WatchForm, PingsForm)
