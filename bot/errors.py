"""Refusals the domain can raise. Each carries a message id, never a sentence: people are told in their language."""

from typing import Any, ClassVar


def N_(msgid: str) -> str:
    return msgid


class KorshiError(Exception):
    """A rule was broken by what somebody asked. `facts` fill the placeholders of `msgid`."""

    msgid: ClassVar[str] = N_("Sorry, this cannot be done now.")

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.msgid)
        self.facts = facts


class SettingWrong(KorshiError):
    """A setting is missing or malformed; raised at start only."""

    msgid = N_("Setting {name}: {reason}. Example: {example}")


class NotAllowed(KorshiError):
    msgid = N_("You have no right to do this.")


class NotFound(KorshiError):
    msgid = N_("There is no such record, or it is not yours.")


class TipAlreadyTaken(KorshiError):
    msgid = N_("This tip is already with {officer}.")


class TipClosed(KorshiError):
    msgid = N_("This tip is already closed.")


class SameHolder(KorshiError):
    msgid = N_("This tip would stay where it is. Choose another place.")


class HandoverRefused(KorshiError):
    msgid = N_("A complaint about an officer stays with own security.")


class JoinRefused(KorshiError):
    """Never a complaint about an officer; across precincts only by the duty unit and the heads."""

    msgid = N_("These tips cannot be joined: only tips of one precinct that are both with you can be.")


class ReadAtDesk(KorshiError):
    """Service talk of an officer whose messenger carries number and category only."""

    msgid = N_(
        "Your messages say number and category only. Read and answer this tip on the department's computer, or hand it"
        " over."
    )


class WarningNotOut(KorshiError):
    """Only what has left the department, and was not recalled, can be changed or sent again."""

    msgid = N_("This warning cannot be changed: it has not gone out, or it was recalled.")


class StepNotLegal(KorshiError):
    msgid = N_("This step is not possible now: the status of the tip is “{status}”.")


class NoContact(KorshiError):
    """The link to the sender is cut: words would reach nobody."""

    msgid = N_("The sender has broken the link with this tip: nothing can be asked or answered any more.")


class SenderMayAnswer(KorshiError):
    """Nobody is given up before his time."""

    msgid = N_("This outcome is for a sender who has not answered a question for 14 days.")


class AlreadyRated(KorshiError):
    msgid = N_("You have rated this answer already. Thank you!")


class CircularSubstitute(KorshiError):
    msgid = N_("This makes a circle: on {day} {officer} would stand in for himself. Choose another substitute.")


class DaysOverlap(KorshiError):
    msgid = N_("{officer} is off already from {first_day} to {last_day}. Cancel those days first.")


class DaysPast(KorshiError):
    msgid = N_("These days cannot be written down: the last one has passed or comes before the first.")


class SubstituteRefused(KorshiError):
    msgid = N_("{officer} cannot stand in: no messenger account, or another kind of work.")


class WatchRefused(KorshiError):
    msgid = N_("This watch cannot be written down: give a later end and somebody of this desk who has no other then.")


class BindingNotAsked(KorshiError):
    """Nothing waits for this confirmation: it is too old, was taken back, or is about something else."""

    msgid = N_("This request does not count any more. The inspector should ask again: /bind")


class InvitationRefused(KorshiError):
    msgid = N_("This invitation is not valid: it is used up, expired or meant for somebody else. Ask for a new one.")


class WarningIncomplete(KorshiError):
    msgid = N_("The warning needs its text in both languages.")


class WarningTooLong(KorshiError):
    msgid = N_("The text is too long: {length} characters, at most {limit} fit. Please shorten it.")


class FileOnItsWay(KorshiError):
    """Of a warning or a campaign: not fetched yet, so nobody has looked at it."""

    msgid = N_("The file is still being checked. Try again in a few seconds.")


class FileNotTaken(KorshiError):
    msgid = N_("This file cannot be sent: it could not be fetched or may carry a program. Choose another one or none.")


class NothingToSend(KorshiError):
    msgid = N_("Nobody would receive this warning: no bound chats and no subscribers.")


class NobodyApproves(KorshiError):
    msgid = N_(
        "Nobody can approve this: no other member of staff has a messenger account here yet. Ask the administrator to"
        " invite one."
    )


class OwnWork(KorshiError):
    """The author never approves his own."""

    msgid = N_("Somebody else must decide on this: nobody approves what he has written himself.")


class ApprovedAlready(KorshiError):
    msgid = N_("This is approved already. By whom: {officer}.")


class ReturnedAlready(KorshiError):
    msgid = N_("This went back to its author already. Who decided: {officer}.")


class ChangedSince(KorshiError):
    """What is approved is what was looked at."""

    msgid = N_("This was changed after you looked at it. Look at it again.")


class NotAwaiting(KorshiError):
    """Taken back by its author, over, or never handed in."""

    msgid = N_("There is nothing to approve here any more: the author took it back, or its time is over.")


class CorrectionWaits(KorshiError):
    """One correction of a warning at a time: two would be approved against each other."""

    msgid = N_(
        "A correction of this warning waits for a second officer already. Take it back, or wait for the decision."
    )


class ExpiryTooSoon(KorshiError):
    msgid = N_("It would be over before it goes out. Choose a later day.")


class ExpiryTooLate(KorshiError):
    msgid = N_("A warning holds for 30 days at most. Choose an earlier day.")


class QuietHours(KorshiError):
    msgid = N_("It is night now. The warning will go at {start}.")


class CampaignOver(KorshiError):
    msgid = N_("This campaign is over.")


class DateInPast(KorshiError):
    msgid = N_("This time has passed already. Give a later one.")


class DateNotUnderstood(KorshiError):
    msgid = N_("The date or time was not understood. Write it like this: {example}")


class TooMany(KorshiError):
    msgid = N_("Too many messages are coming from you. Wait a little and write again. If there is danger, call 102.")
