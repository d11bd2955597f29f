"""The talk about a tip on the screen: who, when, what; the words before an edit; what became of it on its way."""

from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Text, as_list

from bot.errors import N_
from bot.i18n import _, moment, number
from bot.services.tips import ANSWER, NOTE, OUTCOME, QUESTION, Fate, History, Message
from bot.speech import Choice, Reply, choose
from bot.speech.calls import Past
from bot.speech.reasons import reason_words
from bot.speech.work import to_card
from bot.terms import NoticeState, PartKind

SHOWN = 450  # characters of one message
KINDS = {
    PartKind.PHOTO: N_("photo"), PartKind.VIDEO: N_("video"), PartKind.VIDEO_NOTE: N_("round video"),
    PartKind.VOICE: N_("voice message"), PartKind.AUDIO: N_("sound file"), PartKind.DOCUMENT: N_("document"),
    PartKind.LOCATION: N_("place"), PartKind.CONTACT: N_("contact"),
}  # fmt: skip
PURPOSES = {
    QUESTION: N_("question"), ANSWER: N_("answer"), OUTCOME: N_("outcome"), NOTE: N_("note, for colleagues only"),
}  # fmt: skip
FATES = {
    NoticeState.DUE: N_("on its way"), NoticeState.SENDING: N_("on its way"), NoticeState.SENT: N_("sent"),
    NoticeState.DELIVERED: N_("delivered"), NoticeState.READ: N_("read"),
}  # fmt: skip
LOST = {
    "cut": N_("the sender has broken the link"),
    "blocked": N_("the chat is blocked"),
    "stopped": N_("the sender asked to be sent nothing (STOP)"),
    "moved": N_("it was taken back"),
    "expired": N_("its time was over"),
}


def history_reply(history: History, zone: ZoneInfo) -> Reply:
    lines: list[Text | str] = [_("Tip No. {number}: the whole talk", number=history.number)]
    if history.pages > 1:
        lines.append(_("Page {page} of {pages}", page=number(history.page + 1), pages=number(history.pages)))
    for message in history.messages:
        lines += ["", *message_lines(message, history, zone)]
    return Reply(as_list(*lines), [*_turns(history), [_note(history), to_card(history.tip_id)]], replaces=True)


def message_lines(message: Message, history: History, zone: ZoneInfo) -> list[Text | str]:
    who = str(message.officer) if message.officer else history.sender
    purpose = _(PURPOSES[message.purpose]) if message.officer and message.purpose in PURPOSES else ""
    head = " · ".join(word for word in (who, purpose, moment(message.at, zone)) if word)
    lines: list[Text | str] = [Text(Bold(head))]
    if message.kind in KINDS:
        lines.append(f"📎 {_(KINDS[message.kind])}")
    if message.text:
        lines.append(_cut(message.text))
    lines += [
        _("Before the edit of {at}: {text}", at=moment(version.at, zone), text=_cut(version.text))
        for version in message.versions
    ]
    if message.fate is not None:
        lines.append(f"↪ {fate_words(message.fate)}")
    return lines


def fate_words(fate: Fate) -> str:
    if fate.state in FATES:
        return _(FATES[fate.state])
    if fate.state is NoticeState.UNKNOWN:
        return _("the messenger gave no answer: it may have arrived")
    reason = LOST.get(fate.reason)
    return _("not delivered: {reason}", reason=_(reason) if reason else reason_words(fate.reason))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _turns(history: History) -> list[list[Choice]]:
    turns = []
    if history.page > 0:
        turns.append(choose("Earlier messages", Past(do="show", tip=history.tip_id, page=history.page - 1)))
    if history.page < history.pages - 1:
        turns.append(choose("Later messages", Past(do="show", tip=history.tip_id, page=history.page + 1)))
    return [turns] if turns else []


def _note(history: History) -> Choice:
    return choose("Note for colleagues", Past(do="note", tip=history.tip_id))
