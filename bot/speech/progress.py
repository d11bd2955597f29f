"""How far a warning has come: its author's card, the districts, the buttons that steer it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from aiogram.utils.formatting import Bold, Text, as_line, as_list

from bot.i18n import _, moment, number
from bot.services.notices import IN_DOUBT
from bot.services.officers import OfficerView
from bot.services.warnings import GOING, PUBLISHED, DistrictCount, Progress, WarningView
from bot.speech import Choice, Reply, choose, pair
from bot.speech.calls import Warn
from bot.speech.drafts import title_of
from bot.speech.reasons import reason_words
from bot.terms import Role, WarningState

TRACERS = (Role.STAFF, Role.HEAD, Role.ADMIN)
REASONS_SHOWN = 3  # of a district


def progress_reply(
    warning: WarningView, progress: Progress, zone: ZoneInfo, officer: OfficerView | None = None
) -> Reply:
    """What the author watches; the message is edited while it moves."""
    lines: list[Text | str] = [
        as_line(Bold(_("Warning {code}", code=warning.code)), ": ", title_of(warning.published), end=""),
        pair(_("Status"), state_words(warning)),
        *_told(warning, progress),
    ]
    if warning.is_being_corrected:
        lines.append(_("A correction waits for a second officer. Until then people have the text above."))
    if warning.state is WarningState.CANARY:
        first = number(progress.prepared)
        lines.append(_("The first {n} are on their way. The rest waits for what becomes of them.", n=first))
    if warning.state is WarningState.STOPPED:
        lines.append(pair(_("Why it was stopped"), reason_words(warning.stop_reason)))
    if warning.state in PUBLISHED:
        lines += _counts(warning, progress, zone) if progress.is_counted else [_("The recipients are being counted.")]
    return Reply(as_list(*lines), steering_choices(warning, progress, officer))


def state_words(warning: WarningView) -> str:
    states = {
        WarningState.DRAFT: _("Draft"),
        WarningState.AWAITING: _("Waits for the approval of a second officer"),
        WarningState.RETURNED: _("Came back to its author"),
        WarningState.CANARY: _("Being tried on the first few"),
        WarningState.SPREADING: _("Being prepared"),
        WarningState.SENDING: _("Being sent"),
        WarningState.PAUSED: _("Paused"),
        WarningState.DONE: _("Sending is over"),
        WarningState.STOPPED: _("Stopped by the program"),
        WarningState.CANCELLED: _("Cancelled"),
    }
    return _("Recalled") if warning.is_recalled else states[warning.state]


def _told(warning: WarningView, progress: Progress) -> list[str]:
    """How far a recall or a correction has come."""
    if not warning.change:
        return []
    name = _("Told of the recall") if warning.is_recalled else _("Told of the correction")
    whole = progress.told + progress.to_tell + progress.not_told
    if not whole:  # it has just begun, or nobody had the warning
        return []
    lines = [pair(name, _("{n} of {whole}", n=number(progress.told), whole=number(whole)))]
    if progress.not_told:
        lines.append(pair(_("Could not be told"), number(progress.not_told)))
    return lines


def _counts(warning: WarningView, progress: Progress, zone: ZoneInfo) -> list[str]:
    lines = []
    if warning.due_at and progress.waiting and not progress.sent:
        lines.append(pair(_("Goes at"), moment(warning.due_at, zone)))
    lines += [
        pair(_("Prepared"), number(progress.prepared)),
        pair(_("Sent"), number(progress.sent)),
        pair(_("Of them delivered (WhatsApp tells)"), number(progress.delivered)),
        pair(_("Of them read (WhatsApp tells)"), number(progress.read)),
        pair(_("Waiting"), number(progress.waiting)),
    ]
    if progress.over_tier and progress.tier_opens_at:
        at = moment(progress.tier_opens_at, zone)
        lines.append(_("Of them {n} wait for WhatsApp's daily limit, until {at}", n=number(progress.over_tier), at=at))
    in_doubt, lost = _apart(progress.failed)
    if in_doubt:
        lines.append(pair(_("Not known whether it arrived"), number(in_doubt)))
    if lost:
        lines.append(pair(_("Not reached"), number(sum(lost.values()))))
        lines += reason_lines(lost)
    if progress.lost_chats:
        lines.append(pair(_("Groups not reached"), ", ".join(progress.lost_chats)))
    if warning.state is not WarningState.CANARY:  # of the first few it would say nothing
        lines += _times(progress)
    return lines


def _apart(failed: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """What may have arrived is not said to be lost."""
    lost = {reason: count for reason, count in failed.items() if reason not in IN_DOUBT}
    return sum(failed.values()) - sum(lost.values()), lost


def _times(progress: Progress) -> list[str]:
    lines = []
    if progress.left_seconds is not None and progress.waiting > progress.over_tier:
        lines.append(pair(_("Time left, about"), lasting(progress.left_seconds)))
    for share, seconds in sorted(progress.after.items()):
        lines.append(pair(_("{share} % had left after", share=share), lasting(seconds)))
    return lines


def reason_lines(failed: Mapping[str, int], most: int | None = None) -> list[str]:
    """Codes with the same words are one line, the most frequent first."""
    counts: dict[str, int] = {}
    for reason, count in failed.items():
        words = reason_words(reason)
        counts[words] = counts.get(words, 0) + count
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most]
    return [f"• {words}: {number(count)}" for words, count in ordered]


def lasting(seconds: int) -> str:
    if seconds < 60:
        return _("{n} s", n=number(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("{n} min", n=number(minutes))
    return _("{h} h {n} min", h=number(minutes // 60), n=number(minutes % 60))


def districts_reply(warning: WarningView, counts: list[DistrictCount]) -> Reply:
    lines: list[Text | str] = [as_line(Bold(_("Warning {code}", code=warning.code)), end=""), _("By district:")]
    for one in counts:
        lines += ["", Bold(str(one.name) if one.name else _("People who have not said where they live"))]
        lines.append(pair(_("Sent"), _("{n} of {whole}", n=number(one.sent), whole=number(one.prepared))))
        if one.waiting and warning.state in GOING:
            lines.append(pair(_("Waiting"), number(one.waiting)))
        lines += reason_lines(one.failed, REASONS_SHOWN)
    if not counts:
        lines.append(_("The recipients are being counted."))
    return Reply(as_list(*lines), [[choose("Back to the warning", Warn(do="show", id=warning.id))]])


def steering_choices(warning: WarningView, progress: Progress, officer: OfficerView | None) -> list[list[Choice]]:
    is_mine = officer is None or officer.id == warning.author_id
    if is_mine and warning.state is WarningState.AWAITING:
        return [[choose("Take it back", _to(warning, "withdraw"))]]
    if is_mine and warning.state in (WarningState.RETURNED, WarningState.DRAFT):
        return [[choose("Open it again", _to(warning, "reopen"))]]
    if warning.state not in PUBLISHED:
        return []
    rows: list[list[Choice]] = []
    steers = is_mine or (officer is not None and officer.has(Role.HEAD, Role.ADMIN))
    if not steers:  # whoever may approve may also stop what is wrong
        recall = [] if warning.is_recalled else [[choose("Recall", _to(warning, "recall"))]]
        return [*recall, *_looks(warning, officer)]
    if warning.state in GOING or (warning.state is WarningState.STOPPED and not warning.is_recalled):
        is_going = warning.state not in (WarningState.PAUSED, WarningState.STOPPED)
        pause = choose("Pause", _to(warning, "pause")) if is_going else choose("Go on sending", _to(warning, "resume"))
        rows.append([pause, choose("Cancel the warning", _to(warning, "stop"))])
    if not warning.is_recalled:
        correct = (
            choose("Take the correction back", _to(warning, "correct_back"))
            if warning.is_being_corrected
            else choose("Correct", _to(warning, "correct"))
        )
        rows.append([choose("Recall", _to(warning, "recall")), correct])
        rows += _agains(warning, progress)
    return [*rows, *_looks(warning, officer)]


def _agains(warning: WarningView, progress: Progress) -> list[list[Choice]]:
    """Apart: whom it did not reach cannot get it twice, of whom nobody knows may."""
    if warning.state not in (WarningState.SENDING, WarningState.DONE):
        return []
    in_doubt, lost = _apart(progress.failed)
    rows = [[choose("Send again to those not reached", _to(warning, "again"))]] if lost else []
    if in_doubt:
        rows.append([choose("Send again where it is not known", _to(warning, "doubt"))])
    return rows


def _looks(warning: WarningView, officer: OfficerView | None) -> list[list[Choice]]:
    rows = [[choose("By district", _to(warning, "districts")), choose("Who and when", _to(warning, "past"))]]
    if officer is not None and officer.has(*TRACERS):
        rows.append([choose("Why did somebody get it or not?", _to(warning, "why"))])
    return rows


def _to(warning: WarningView, do: str) -> Warn:
    return Warn(do=do, id=warning.id)
