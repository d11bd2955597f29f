"""Errors in Twilio's JSON shape."""

from simulator.things import Json

WORDS = {
    63001: "Channel could not authenticate the request",
    63003: "Channel could not find To address",
    63005: "Channel did not accept given content",
    63007: "Twilio could not find a Channel with the specified From address",
    63013: "This message send failed because it violates Channel provider's policy",
    63014: "This message failed to be delivered to the user because it was blocked by a user action",
    63016: "Failed to send freeform message because you are outside the allowed window",
    63018: "Rate limit exceeded for Channel",
    63019: "Media failed to download",
    63021: "Channel invalid content error",
    63024: "Invalid message recipient",
    63028: "Number of parameters provided does not match the expected number of parameters",
    63032: "Cannot send this message to this user because of a WhatsApp limitation",
    63049: "Meta chose not to deliver this WhatsApp marketing message",
}


class TwilioRefused(Exception):
    """One error answer `{code, message, more_info, status}`."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> Json:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


def not_found(path: str) -> TwilioRefused:
    return TwilioRefused(404, 20404, f"The requested resource {path} was not found")


def too_many() -> TwilioRefused:
    return TwilioRefused(429, 20429, "Too Many Requests")


def unauthenticated() -> TwilioRefused:
    return TwilioRefused(401, 20003, "Authenticate")
