"""The check itself: what is claimed against the officers who serve now."""

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.officers import Officers, OfficerView
from bot.services.register import folding
from bot.services.residents import address_fingerprint
from bot.store.endpoints import Endpoint
from bot.store.officers import Duty, Officer
from bot.terms import Messenger, Role

SHOWN_ROLES = (Role.INSPECTOR, Role.DESK, Role.DUTY, Role.STAFF, Role.HEAD)
"""Own security and administrators of the program do not call on residents: the register does not tell of them."""
SENTENCE = 4  # words beside a number: so many are a story, fewer are a name


class Finding(StrEnum):
    YES = "yes"
    NAMED = "named"  # such an officer serves, but anybody can say a name
    SIMILAR = "similar"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be: words as they were typed, or what a contact or a forwarded message carries."""

    text: str = ""
    phones: tuple[str, ...] = ()
    name: str = ""
    username: str = ""
    telegram_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`officer` only with YES and NAMED: who resembles an officer is not told whom he resembles."""

    finding: Finding
    officer: OfficerView | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    id: int
    badge: str
    phone: str
    username: str
    names: tuple[str, str]
    resident_id: int | None


class Register:
    def __init__(self, session: AsyncSession, officers: Officers) -> None:
        self._session, self._officers = session, officers

    async def check(self, claim: Claim) -> Verdict:
        """YES only when all that is claimed belongs, sign by sign, to one officer who serves now."""
        entries = await self._entries()
        if claim.phones or claim.name or claim.username or claim.telegram_id is not None:
            found = await self._of_account(claim, entries)
        else:
            found = _of_words(folding.plain(claim.text), entries)
        finding, officer_id = found
        officer = await self._officers.get(officer_id) if officer_id is not None else None
        return Verdict(finding, officer)

    async def _entries(self) -> list[_Entry]:
        query = (
            select(Officer)
            .where(Officer.is_active, Officer.id.in_(select(Duty.officer_id).where(Duty.role.in_(SHOWN_ROLES))))
            .order_by(Officer.id)
        )
        return [
            _Entry(
                row.id, row.badge, folding.kept_phone(row.phone), row.username, (row.name_kk, row.name_ru),
                row.resident_id,
            )
            for row in await self._session.scalars(query)
        ]  # fmt: skip

    async def _of_account(self, claim: Claim, entries: list[_Entry]) -> tuple[Finding, int | None]:
        """A contact's phones, a writer's account, his @name: each must be the same officer's. A name proves nothing."""
        if not (claim.phones or claim.username or claim.telegram_id is not None):
            return _of_badge_or_name("", folding.name_words(folding.plain(claim.name)), entries)
        account = None
        if claim.telegram_id is not None:
            resident_id = await self._account(claim.telegram_id)
            account = next((one for one in entries if resident_id is not None and one.resident_id == resident_id), None)
        exact = await self._exact(claim, account, entries)
        handles = [claim.username] if claim.username else []
        return _sum_up(exact, account is not None or _resembles(claim.name, handles, entries))

    async def _exact(self, claim: Claim, account: _Entry | None, entries: list[_Entry]) -> list[_Entry | None]:
        if claim.phones:
            owners = [_by_phone(phone, entries) for phone in claim.phones]
            if None in owners or len({one.id for one in owners if one is not None}) > 1:
                return owners
            owner = owners[0]
        elif account is not None:
            return [account]
        else:
            owner = _by_handle(claim.username, entries)
        if owner is None or claim.telegram_id is None or owner is account:
            return [owner]
        return [await self._without_other_account(owner)]

    async def _without_other_account(self, officer: _Entry) -> _Entry | None:
        """The phone is his, the Telegram account is not the one he joined with: somebody wrote the card by hand."""
        if officer.resident_id is None:
            return officer
        where = (Endpoint.resident_id == officer.resident_id, Endpoint.messenger == Messenger.TELEGRAM)
        has_account = await self._session.scalar(select(Endpoint.id).where(*where).limit(1))
        return officer if has_account is None else None

    async def _account(self, telegram_id: int) -> int | None:
        where = Endpoint.fingerprint == address_fingerprint(Messenger.TELEGRAM, str(telegram_id))
        return await self._session.scalar(select(Endpoint.resident_id).where(where))


def _of_words(text: str, entries: list[_Entry]) -> tuple[Finding, int | None]:
    handles, rest = folding.handles_in(text)
    phones, rest = folding.phones_in(rest)
    exact = [_by_handle(handle, entries) for handle in handles]
    exact += [_one([one for one in entries if one.phone == phone]) for phone in phones]
    words = folding.name_words(rest)
    if not exact:
        return _of_badge_or_name(rest, words, entries)
    owner = exact[0]
    if owner is not None and 0 < len(words) < SENTENCE and not _names(words, owner):
        return Finding.SIMILAR, None  # his number, but another name
    return _sum_up(exact, _resembles(" ".join(words), handles, entries))


def _of_badge_or_name(text: str, words: list[str], entries: list[_Entry]) -> tuple[Finding, int | None]:
    bare = " ".join(word for word in text.split() if word.casefold().strip(".:,") not in folding.NOISE)
    if folding.is_badge_like(bare):
        return _of_badge(bare, entries)
    named = [one for one in entries if any(folding.is_same_name(words, name) for name in one.names)]
    if named:
        return Finding.NAMED, named[0].id
    if sum(map(len, words)) < 3:
        return Finding.UNCLEAR, None
    return (Finding.SIMILAR if _resembles(" ".join(words), [], entries) else Finding.NO), None


def _of_badge(bare: str, entries: list[_Entry]) -> tuple[Finding, int | None]:
    badge = folding.badge_of(bare)
    owner = _one([one for one in entries if folding.badge_of(one.badge) == badge])
    if owner is not None:
        return Finding.YES, owner.id
    digits = re.sub(r"\D", "", badge)
    if len(digits) < 4:
        return Finding.UNCLEAR, None
    is_near = any(re.sub(r"\D", "", one.badge) == digits for one in entries)
    return (Finding.SIMILAR if is_near else Finding.NO), None


def _by_handle(handle: str, entries: list[_Entry]) -> _Entry | None:
    """Telegram's @names know no case; ASCII only, so a twin of another alphabet is never equal."""
    wanted = handle.removeprefix("@").casefold()
    return _one([one for one in entries if one.username and handle.isascii() and one.username.casefold() == wanted])


def _by_phone(written: str, entries: list[_Entry]) -> _Entry | None:
    phones, _left = folding.phones_in(folding.plain(written))
    return _one([one for one in entries if one.phone in phones]) if len(phones) == 1 else None


def _one(found: list[_Entry]) -> _Entry | None:
    """Two officers with one number prove nothing about either."""
    return found[0] if len(found) == 1 else None


def _sum_up(exact: list[_Entry | None], similar: bool) -> tuple[Finding, int | None]:
    owners = {one.id for one in exact if one is not None}
    if len(owners) == 1 and None not in exact:
        return Finding.YES, owners.pop()
    return (Finding.SIMILAR if owners or similar else Finding.NO), None


def _resembles(name: str, handles: list[str], entries: list[_Entry]) -> bool:
    words = folding.name_words(folding.plain(name))
    for one in entries:
        if words and any(folding.is_like_name(words, kept) for kept in one.names):
            return True
        for handle in handles:
            if one.username and folding.is_like_handle(handle, one.username):
                return True
            if any(folding.is_handle_like_name(handle, kept) for kept in one.names):
                return True
    return False


def _names(words: list[str], officer: _Entry) -> bool:
    return any(folding.is_like_name(words, kept) for kept in officer.names)
