"""A small department on a fresh database, and people of it who talk to one router."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import CallbackQuery, Chat, Document, Message, PhotoSize, Sticker, User, Video

from bot.config import QuietHours
from bot.errors import KorshiError
from bot.i18n import Bilingual, set_language
from bot.memory import TurnMemory
from bot.services.officers import NewOfficer
from bot.services.talks import TalkView
from bot.services.unit import House, Unit, Units
from bot.speech import Choice, Reply
from bot.store.chats import Chat as Group
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.officers import Officer
from bot.store.territory import District, Precinct
from bot.terms import Language, Messenger, Role
from tests.clocks import FakeClock
from tests.engines import hurried

ZONE = ZoneInfo("Asia/Almaty")
DAY = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # 10:00 in Astana, a Wednesday
NIGHT = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)  # 23:00
QUIET = QuietHours(time(22), time(8))


class Links:
    """As much of a channel as a dialog may ask for."""

    username = "korshi_bot"

    def start_link(self, payload: str) -> str:
        return f"https://t.me/{self.username}?start={payload}"


@asynccontextmanager
async def department(folder: Path, start: datetime = DAY) -> AsyncIterator["Department"]:
    """Two precincts, a group and two subscribers in the first, one subscriber on WhatsApp in the second."""
    path = folder.parent / "empty.db"
    if not path.exists():
        fresh = hurried(Database(f"sqlite+aiosqlite:///{path}"))
        await migrate(fresh)
        async with Units(House(fresh, FakeClock(DAY), ZONE, QUIET))() as unit:
            await unit.seeds.sow()
        async with fresh.writer.connect() as connection:
            await connection.exec_driver_sql("ROLLBACK")
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await fresh.close()
    shutil.copy(path, folder / "korshi.db")
    database = hurried(Database(f"sqlite+aiosqlite:///{folder / 'korshi.db'}"))
    clock = FakeClock(start)
    units = Units(House(database, clock, ZONE, QUIET, own_chats_need_approval=False))
    house = Department(units, clock)
    async with units() as unit:
        await house.settle(unit)
    yield house
    await database.close()


@dataclass
class Department:
    units: Units
    clock: FakeClock
    precincts: list[int] = field(default_factory=list)
    people: int = 1000

    async def settle(self, unit: Unit) -> None:
        session = unit._session
        district = District(code="D1", name_kk="Орталық", name_ru="Центральный")
        session.add(district)
        await session.flush()
        for code in ("A1", "A2"):
            names = {"name_kk": f"{code} учаскесі", "name_ru": f"Участок {code}"}
            precinct = Precinct(code=code, district_id=district.id, **names)
            session.add(precinct)
            await session.flush()
            self.precincts.append(precinct.id)
        group = Group(
            id=77, messenger=Messenger.TELEGRAM, fingerprint=b"g" * 32, title="Двор", precinct_id=self.precincts[0],
            added_at=self.clock.now(),
        )  # fmt: skip
        group.address = "-100500"
        session.add(group)
        for messenger, number in ((Messenger.TELEGRAM, 0), (Messenger.TELEGRAM, 0), (Messenger.WHATSAPP, 1)):
            self.people += 1
            person = await unit.residents.meet(messenger, str(self.people), "Сана")
            await unit.residents.settle(person, self.precincts[number])
            await unit.subscriptions.subscribe(person.id)

    async def officer(
        self,
        router: Router,
        role: Role | None,
        *,
        messenger: Messenger = Messenger.TELEGRAM,
        precinct: int | None = None,
    ) -> "Talker":
        """Somebody with an account; without a role a resident."""
        self.people += 1
        address = str(self.people)
        async with self.units() as unit:
            person = await unit.residents.meet(messenger, address, "Асан")
            await unit.residents.choose_language(person, Language.RU)
            if role is not None:
                place = None if precinct is None else self.precincts[precinct]
                name = Bilingual(f"Асан {address}", f"Асан {address}")
                new = NewOfficer(f"b-{address}", name, role, precinct_id=place)
                officer = await unit.officers.add(new)
                (await unit._session.get_one(Officer, officer.id)).resident_id = person.id
        return Talker(self, router, messenger, address)


@dataclass
class Talker:
    """One person's talk with one router: what the turn does around it, in small."""

    house: Department
    router: Router
    messenger: Messenger
    address: str
    talk: TalkView = field(default_factory=TalkView)
    heard: list[Reply] = field(default_factory=list)
    was_handled: bool = True
    _numbers: int = 0

    @property
    def step(self) -> str:
        return (self.talk.state or "").partition(":")[2]

    @property
    def form(self) -> dict[str, Any]:
        return self.talk.form

    @property
    def last(self) -> Reply:
        return self.heard[-1]

    @property
    def text(self) -> str:
        return self.last.rendered()[0]

    @property
    def choices(self) -> list[Choice]:
        return [choice for row in self.last.choices for choice in row]

    def can_press(self, data: CallbackData) -> bool:
        return data.pack() in [choice.value for choice in self.choices]

    async def says(self, text: str) -> None:
        await self._event("message", self._message(text=text))

    async def sends_photo(self, size: int = 50_000, album: str | None = None) -> None:
        sizes = [
            PhotoSize(file_id=f"photo-{width}", file_unique_id="u", width=width, height=width, file_size=size)
            for width in (90, 1280, 320)
        ]
        await self._event("message", self._message(photo=sizes, media_group_id=album))

    async def sends_sticker(self) -> None:
        sticker = Sticker(
            file_id="s", file_unique_id="u", type="regular", width=1, height=1, is_animated=False, is_video=False
        )
        await self._event("message", self._message(sticker=sticker))

    async def sends(self, kind: str, mime: str, size: int) -> None:
        """A video or a document."""
        file = {"file_id": "f", "file_unique_id": "u", "mime_type": mime, "file_size": size}
        item = Video(width=1, height=1, duration=1, **file) if kind == "video" else Document(**file)
        await self._event("message", self._message(**{kind: item}))

    async def sends_file(self) -> None:
        await self._event("message", self._message(document=Document(file_id="d", file_unique_id="u")))

    async def presses(self, data: CallbackData) -> None:
        query = CallbackQuery(
            id="7", from_user=self._user(), chat_instance="c", data=data.pack(), message=self._message(text="…")
        )
        await self._event("callback_query", query)

    def _user(self) -> User:
        return User(id=int(self.address), is_bot=False, first_name="Асан")

    def _message(self, **content: Any) -> Message:
        self._numbers += 1
        chat = Chat(id=int(self.address), type="private")
        return Message(
            message_id=self._numbers, date=self.house.clock.now(), chat=chat, from_user=self._user(), **content
        )

    async def _event(self, kind: str, event: Message | CallbackQuery) -> None:
        """A refusal rolls the unit and the form back, and becomes its words."""
        talk = replace(self.talk, form=dict(self.talk.form))
        self.heard = []
        try:
            async with self.house.units() as unit:
                person = await unit.residents.meet(self.messenger, self.address, "Асан")
                set_language(person.language or Language.KK)
                key = StorageKey(bot_id=1, chat_id=0, user_id=0)
                said = await self.router.propagate_event(
                    kind,
                    event,
                    unit=unit,
                    person=person,
                    state=FSMContext(storage=TurnMemory(talk), key=key),
                    raw_state=talk.state,
                    channel=Links(),
                    bot=Bot("1:nobody"),
                )
        except KorshiError as refusal:
            self.heard, self.was_handled = [Reply(type(refusal).__name__)], True
            return
        self.talk = talk
        self.was_handled = said is not UNHANDLED
        reply = said if isinstance(said, Reply) else None
        while reply is not None:
            self.heard.append(reply)
            reply = reply.then
