"""The command `explain`: why a tip went where it went, and where one would go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.commands import units_of
from bot.config import Settings
from bot.errors import N_, KorshiError, NotFound
from bot.i18n import _, set_language
from bot.services.routing import NOWHERE, Case, Spot
from bot.services.unit import Unit
from bot.terms import Language, PlaceSource, Urgency


class NothingToExplain(KorshiError):
    msgid = N_("Give the number of a tip, or a place: --point LAT,LON or --address TEXT, with --category.")


class PointNotUnderstood(KorshiError):
    msgid = N_("The point was not understood. Write it like this: {example}")


class AddressUnsure(KorshiError):
    msgid = N_("The address is not certain. Known ones that are near: {found}")


class TipUnknown(KorshiError):
    msgid = N_("There is no tip with this number, or only own security may know of it.")


class CategoryUnknown(KorshiError):
    msgid = N_("There is no category {code}. Categories: {codes}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A tip that nobody sent. `at` without a zone is wall time of the department."""

    category: str
    point: str | None = None
    address: str | None = None
    at: datetime | None = None
    words: str = ""
    urgency: Urgency | None = None


async def explain_tip(settings: Settings, number: int, say: Callable[[str], None]) -> None:
    from bot.speech.explain import explain_words  # the words of dialogs cost seconds to import

    set_language(Language.RU)
    units = units_of(settings)
    try:
        async with units.reading() as unit:
            try:
                explanation = await unit.tips.explain(None, await unit.tips.id_of(number))
            except NotFound:
                raise TipUnknown from None
            say(explain_words(explanation))
    finally:
        await units.house.database.close()


async def explain_place(settings: Settings, asked: Asked, say: Callable[[str], None]) -> None:
    """Decides as if it were sent; nothing is written."""
    from bot.speech.explain import decision_words

    set_language(Language.RU)
    units = units_of(settings)
    try:
        async with units.reading() as unit:
            say(decision_words(await unit.routing.decide(await case_of(unit, asked))))
    finally:
        await units.house.database.close()


async def case_of(unit: Unit, asked: Asked) -> Case:
    codes = [category.code for category in await unit.tips.categories()]
    if asked.category not in codes:
        raise CategoryUnknown(code=asked.category, codes=", ".join(codes))
    category = await unit.tips.category(asked.category)
    at = asked.at or unit.clock.now()
    if at.tzinfo is None:
        at = at.replace(tzinfo=unit.zone)
    return Case(
        category.handlers, asked.urgency or category.urgency, await _spot(unit, asked), at=at, words=asked.words
    )


async def _spot(unit: Unit, asked: Asked) -> Spot:
    if asked.point is not None:
        try:
            latitude, longitude = (float(part) for part in asked.point.split(","))
        except ValueError:
            raise PointNotUnderstood(example="51.1605,71.4704") from None
        return await unit.territory.spot_at(latitude, longitude)
    if asked.address is None:
        return NOWHERE
    found = await unit.territory.at_address(asked.address)
    if len({place.id for _match, place in found}) == 1 and found[0][0].certain:
        return Spot(found[0][1].id, PlaceSource.HOUSE)
    near = "; ".join(f"{match.street_ru}, {match.house}".strip(", ") for match, _place in found)
    raise AddressUnsure(found=near or _("none"))
