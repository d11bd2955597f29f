"""What stands on a precinct's poster: words and links, nothing about how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import N_
from bot.i18n import Bilingual, _, speaking
from bot.terms import Language

OUR_INSPECTOR = N_("Your precinct inspector")
OUR_DUTY_UNIT = N_("Your duty unit")
OFFICE = N_("Police point")
ADDRESS = N_("Address")
HOURS = N_("Reception hours")
PHONE = N_("Phone")
DAY_AND_NIGHT = N_("The duty unit works day and night")
WRITE_TO_US = N_("Write to your inspector")
WRITE_TO_DUTY = N_("Write to the duty unit")
STEPS = (
    N_("Point your phone's camera at the code and open the link."),
    N_("Press “Start” or send the message that is already written."),
    N_("Say what happened and where; add a photo, a video or a voice message."),
    N_("You get a number and an answer. Your name may be hidden."),
)
NO_CHARGE = N_("It costs nothing. The police never ask for money, codes or card details.")
DANGER = N_("If there is danger, call")
POLICE = N_("police")
RESCUE = N_("all emergency services")
DUTY = N_("Duty unit")


@dataclass(frozen=True, slots=True)
class Card:
    """Whom people turn to: the inspector, or the duty unit where there is none (`is_person` false)."""

    name: Bilingual
    rank: Bilingual
    office: Bilingual
    hours: Bilingual
    phone: str
    is_person: bool = True
    photo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    messenger: str
    url: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One A4 page. Every word on it is data or a sentence of the catalog; nothing is read as markup."""

    code: str
    department: Bilingual
    precinct: Bilingual
    card: Card
    duty_phone: str
    links: Sequence[Link]


def both(msgid: str) -> Bilingual:
    """A sentence of the catalog in both languages: a poster has no reader of one."""
    said = {}
    for language in (Language.KK, Language.RU):
        with speaking(language):
            said[language] = _(msgid)
    return Bilingual(said[Language.KK], said[Language.RU])
