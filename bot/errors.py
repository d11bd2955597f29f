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


class StepNotLegal(KorshiError):
    msgid = N_("This step is not possible now: the status of the tip is “{status}”.")


class AlreadyRated(KorshiError):
    msgid = N_("You have rated this answer already. Thank you!")


class InvitationRefused(KorshiError):
    msgid = N_("This invitation is not valid: it is used up, expired or meant for somebody else. Ask for a new one.")


class WarningIncomplete(KorshiError):
    msgid = N_("The warning needs its text in both languages.")


class WarningTooLong(KorshiError):
    msgid = N_("The text is too long: {length} characters, at most {limit} fit. Please shorten it.")


class NothingToSend(KorshiError):
    msgid = N_("Nobody would receive this warning: no bound chats and no subscribers.")


class AlreadyPublished(KorshiError):
    msgid = N_("This warning has been sent already.")


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
