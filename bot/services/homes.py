"""Which house a resident lives in, so that a warning for these houses reaches it.

What is kept of it are two fingerprints: they tell equal houses from different ones and nothing else."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.addresses import HouseNumber, Match, Numbers, Run, read_house, read_numbers, street_name
from bot.addresses.query import town_words
from bot.addresses.words import STREET
from bot.i18n import Bilingual
from bot.services.houses import Houses
from bot.services.territory import PlaceView, Territory
from bot.store import keys
from bot.store.chats import Chat
from bot.store.residents import Resident
from bot.store.territory import Department, Generation, House, Precinct
from bot.terms import EndpointState

BYTES = 12
LONGEST_RUN = 300  # houses of one line
_NUMBERED = re.compile(r"[\s,]+(?=\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """What a line of addresses means. `houses` None: nothing, or one of `maybe`, which must be written out."""

    line: str
    houses: Houses | None = None
    maybe: tuple[tuple[Match, PlaceView], ...] = ()


@dataclass(frozen=True, slots=True)
class HouseCodes:
    """Fingerprints of whole house numbers, and of those without what follows them. Thousands take longer to make than
    to look for: they are made once, outside any lock."""

    exact: tuple[bytes, ...] = ()
    loose: tuple[bytes, ...] = ()


def codes_of(houses: Iterable[Houses]) -> HouseCodes:
    """A run holds «12А» too, a single «12» is itself alone."""
    exact, loose = set[bytes](), set[bytes]()
    for one in houses:
        for name in one.names:
            exact |= {_fingerprint("home", name, number) for number in one.numbers}
            loose |= {
                _fingerprint("home number", name, str(number))
                for first, last, side in one.runs
                for number in Run(first, last, side)
            }
    return HouseCodes(tuple(sorted(exact)), tuple(sorted(loose)))


async def told_codes(session: AsyncSession, houses: Sequence[Houses]) -> HouseCodes:
    """Only those under which somebody has told us to live: of a city's streets few."""
    if not houses:
        return HouseCodes()
    codes = codes_of(houses)
    exact = select(Resident.home).where(Resident.home.in_(codes.exact)).distinct()
    loose = select(Resident.home_number).where(Resident.home_number.in_(codes.loose)).distinct()
    told = [tuple(sorted(filter(None, await session.scalars(query)))) for query in (exact, loose)]
    return HouseCodes(*told)


def lives_in(codes: HouseCodes) -> ColumnElement[bool]:
    """Residents who have told that they live in one of these."""
    return or_(Resident.home.in_(codes.exact), Resident.home_number.in_(codes.loose))


class Homes:
    def __init__(self, session: AsyncSession, territory: Territory) -> None:
        self._session, self._territory = session, territory

    async def code_of(self, match: Match) -> str:
        """What a button carries and `remember` takes: the house and no word of it. Empty: no house was named."""
        number = read_house(match.house)
        if number is None:
            return ""
        name = (await self._names(match, [number], []))[0][0]
        both = _fingerprint("home", name, str(number)) + _fingerprint("home number", name, str(number.number))
        return base64.urlsafe_b64encode(both).decode()

    async def remember(self, resident_id: int, code: str) -> bool:
        """In place of one told before. False: this is no code of a house."""
        try:
            both = base64.b64decode(code, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(both) != 2 * BYTES:
            return False
        await self._write(resident_id, both[:BYTES], both[BYTES:])
        return True

    async def forget(self, resident_id: int) -> None:
        await self._write(resident_id, None, None)

    async def is_known(self, resident_id: int) -> bool:
        return await self._session.scalar(select(Resident.home).where(Resident.id == resident_id)) is not None

    async def _write(self, resident_id: int, home: bytes | None, home_number: bytes | None) -> None:
        mine = update(Resident).where(Resident.id == resident_id)
        await self._session.execute(mine.values(home=home, home_number=home_number))

    # -- houses a warning is aimed at

    async def read(self, text: str, most: int = 20) -> list[Found]:
        """Each line an address, or a street and its numbers as a house list has them: «Абай, 1-35 тақ, 40»."""
        lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
        yards: dict[str, Houses | None] = {}
        return [await self._with_chats(await self._read(line), yards) for line in lines[:most]]

    async def _with_chats(self, found: Found, yards: dict[str, Houses | None]) -> Found:
        """`yards`: what was read already. A yard is known by the address its list or its inspector wrote down."""
        if found.houses is None:
            return found
        places = found.houses.precinct_ids
        query = select(Chat.id, Chat.place).where(
            Chat.state == EndpointState.OPEN,
            Chat.place != "",
            or_(Chat.precinct_id.in_(places), Chat.second_precinct_id.in_(places)),
        )
        ids = []
        for id_, place in await self._session.execute(query.order_by(Chat.id)):
            if place not in yards:
                yards[place] = (await self._read(place)).houses
            yard = yards[place]
            if yard is not None and found.houses.meets(yard):
                ids.append(id_)
        return replace(found, houses=replace(found.houses, chat_ids=tuple(ids)))

    async def _read(self, line: str) -> Found:
        street, numbers = _split(line)
        if numbers is None:
            found = await self._territory.at_address(line)
        else:
            first = next(iter(numbers.singles), None) or HouseNumber(numbers.runs[0].first)
            found = await self._territory.at_address(f"{street}, {first}")
        if not found or not (found[0][0].certain or len(found) == 1):
            return Found(line, maybe=tuple(found))
        match, place = found[0]
        house = read_house(match.house) if numbers is None else None
        if numbers is None:
            if house is None:
                return Found(line, maybe=tuple(found))
            numbers = Numbers((house,), ())
        names, precincts = await self._names(match, numbers.singles, numbers.runs)
        return Found(
            line,
            Houses(
                Bilingual(match.street_kk, match.street_ru),
                names,
                tuple(map(str, numbers.singles)),
                tuple((run.first, run.last, run.side) for run in numbers.runs),
                precincts or (place.id,),
            ),
        )

    async def _names(
        self, match: Match, singles: Sequence[HouseNumber], runs: Sequence[Run]
    ) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The street's names, today's first, and the precincts these houses lie in. A residential complex stands in
        a street: its houses are those of the street."""
        towns = await self._towns()
        everywhere = await self._rows(match)
        listed = [row for row in everywhere if _is_in(row, match, towns)] or everywhere
        rows = [row for row in listed if _holds(row, singles, runs)]
        named = rows or listed
        names = dict.fromkeys(_name(row.settlement_ru or row.settlement_kk, row.street_ru, towns) for row in named)
        names |= dict.fromkeys(
            _name(row.settlement_ru or row.settlement_kk, row.old_name_ru or row.old_name_kk, towns)
            for row in named
            if row.old_name_ru or row.old_name_kk
        )
        names = names or {_name(match.settlement_ru or match.settlement_kk, match.street_ru, towns): None}
        return tuple(names), tuple(dict.fromkeys(row.precinct_id for row in rows))

    async def _rows(self, match: Match) -> list[House]:
        """Of the generation that answers: the street's, or the complex's, which is listed under its bare name."""
        kk, ru = (re.sub(r".*«(.+)».*", r"\1", name) for name in (match.street_kk, match.street_ru))
        is_it = or_(
            and_(House.street_kk == match.street_kk, House.street_ru == match.street_ru),
            House.complex_kk.in_([match.street_kk, kk]),
            House.complex_ru.in_([match.street_ru, ru]),
        )
        active = select(Generation.id).where(Generation.is_active).scalar_subquery()
        rows = await self._session.scalars(
            select(House)
            .join(Precinct, Precinct.id == House.precinct_id)
            .where(House.generation_id == active, is_it)
            .order_by(Precinct.code != match.precinct, House.id)
        )
        return list(rows)

    async def _towns(self) -> frozenset[tuple[str, ...]]:
        found = (await self._session.execute(select(Department.town_kk, Department.town_ru).limit(1))).first()
        return frozenset(town_words(name) for name in found or () if name) | {()}


def _split(line: str) -> tuple[str, Numbers | None]:
    """A street and its numbers, where more than one house is meant."""
    for gap in _NUMBERED.finditer(line):
        street = line[: gap.start()].strip(" ,")
        if not any(letter.isalpha() for letter in street):
            continue
        try:
            numbers = read_numbers(line[gap.end() :])
        except ValueError:
            continue
        if numbers.runs or len(numbers.singles) > 1:
            many = sum(len(list(run)) for run in numbers.runs) + len(numbers.singles)
            return (street, numbers) if many <= LONGEST_RUN else (line, None)
    return line, None


def _is_in(row: House, match: Match, towns: frozenset[tuple[str, ...]]) -> bool:
    wanted = town_words(match.settlement_ru or match.settlement_kk)
    here = town_words(row.settlement_ru or row.settlement_kk)
    return wanted == here or (wanted in towns and here in towns)


def _holds(row: House, singles: Sequence[HouseNumber], runs: Sequence[Run]) -> bool:
    listed = read_numbers(row.numbers)
    in_runs = {number for run in runs for number in run}
    if any(house in singles or house.number in in_runs for house in listed.singles):
        return True
    return any(number in run for run in listed.runs for number in in_runs | {house.number for house in singles})


def _name(settlement: str, street: str, towns: frozenset[tuple[str, ...]]) -> str:
    """A street as every spelling of it means it: a list of a later year may write it another way."""
    place, name = town_words(settlement), street_name(street)
    kinds = ",".join(sorted(name.kinds - {STREET}))
    return "|".join(["" if place in towns else " ".join(place), name.key, kinds])


def _fingerprint(purpose: str, *parts: str) -> bytes:
    return keys.ring().fingerprint(purpose, *parts)[:BYTES]
