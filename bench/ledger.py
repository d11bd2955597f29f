"""The count after a day: every tip is there and held by one, every clock is right, every promise has its notice."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.recount import Step, Week
from bot.store.events import Event
from bot.store.notices import Notice
from bot.store.officers import Duty, Officer
from bot.store.tips import Tip, TipPart, Vault

# What happened → what somebody is told of it in the same commit: the sender, or who holds the tip.
TO_SENDER = {
    "submitted": "tip_sent", "taken": "tip_taken", "question": "tip_question", "answer": "tip_answer",
    "outcome": "tip_closed", "moved": "tip_moved", "overdue": "tip_moved", "tip_solved_ask": "tip_solved_ask",
}  # fmt: skip
TO_STAFF = {
    "submitted": "card", "moved": "card", "reopened": "card", "warned": "card_time", "rated": "card_rated",
    "answered": "card_added", "added": "card_added", "alarm": "alarm",
}  # fmt: skip


@dataclass
class Ledger:
    sent: dict[int, int]
    did: Counter[str]
    refused: Counter[str]
    until: datetime
    department: Path
    zone: ZoneInfo
    slack: timedelta  # of the ticker
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    states: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)
    categories: int = 0
    checked: Counter[str] = field(default_factory=Counter)

    async def look(self, session: AsyncSession) -> "Ledger":
        tips = list(await session.scalars(select(Tip).order_by(Tip.id)))
        events, notices = defaultdict[int, list[Event]](list), defaultdict[int, list[Notice]](list)
        for event in await session.scalars(select(Event).order_by(Event.id)):
            events[event.tip_id].append(event)
        for notice in await session.scalars(select(Notice).where(Notice.tip_id.is_not(None)).order_by(Notice.id)):
            notices[notice.tip_id or 0].append(notice)
        alarms = list(await session.scalars(select(Notice).where(Notice.kind == "alarm")))
        await self._nothing_lost(session, tips)
        await self._one_holder(session, tips)
        week = Week(self.department, self.zone, self.until.astimezone(self.zone).date() - timedelta(days=3))
        for tip in tips:
            self.states[tip.state] += 1
            self.urgencies[tip.urgency] += 1
            self._clocks(tip, events[tip.id], week)
            self._promises(tip, events[tip.id], [*notices[tip.id], *alarms])
            self.moves.update(event.reason for event in events[tip.id] if event.kind == "moved")
        self.categories = len({tip.category for tip in tips})
        return self

    async def _nothing_lost(self, session: AsyncSession, tips: list[Tip]) -> None:
        missing = set(self.sent) ^ {tip.id for tip in tips}
        self.wrong["lost"] += [f"tip {tip_id}" for tip_id in missing]
        numbers = sorted(tip.number for tip in tips)
        if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            self.wrong["lost"].append("numbers have gaps")
        vaults = {row.id: row.resident for row in await session.scalars(select(Vault))}
        parts = Counter(await session.scalars(select(TipPart.tip_id)))
        for tip in tips:
            author = tip.resident_id or vaults.get(tip.id)
            if tip.identity != "cut" and author != self.sent.get(tip.id):
                self.wrong["lost"].append(f"№ {tip.number}: its sender is {author}")
            if not parts[tip.id]:
                self.wrong["lost"].append(f"№ {tip.number}: without its words")
            self.checked["tips"] += 1

    async def _one_holder(self, session: AsyncSession, tips: list[Tip]) -> None:
        query = select(Officer.id, Duty.desk_id).outerjoin(Duty, Duty.officer_id == Officer.id)
        rows = [tuple(row) for row in await session.execute(query.where(Officer.is_active))]
        people, desks = {row[0] for row in rows}, {row[1] for row in rows}
        for tip in tips:
            held = [tip.officer_id in people] if tip.officer_id else []
            held += [tip.desk_id in desks] if tip.desk_id else []
            if held != [True]:
                self.wrong["holder"].append(f"№ {tip.number}: officer {tip.officer_id}, desk {tip.desk_id}")
            self.checked["holders"] += 1

    def _clocks(self, tip: Tip, events: list[Event], week: Week) -> None:
        steps = [Step(event.kind, event.at, event.officer_id is not None) for event in events]
        dues = week.replay(tip.urgency, steps)
        for name, ours, theirs in (
            ("answer", dues.answer, tip.due_at),
            ("outcome", dues.outcome, tip.outcome_due_at),
            ("accept", dues.accept, tip.accept_by),
        ):
            self.checked["deadlines"] += 1
            if ours != theirs:
                said = " ".join(f"{event.kind}@{event.at:%H:%M:%S}" for event in events)
                self.wrong["deadline"].append(f"№ {tip.number} {tip.urgency} {name}: {theirs}, counted {ours} ({said})")
        if tip.closed_at is None and tip.paused_at is None:
            late = [due for due in (tip.accept_by, None if tip.first_answer_at else tip.due_at) if due]
            if any(due < self.until - self.slack for due in late):
                self.wrong["late"].append(f"№ {tip.number}: nobody has moved it")

    def _promises(self, tip: Tip, events: list[Event], notices: list[Notice]) -> None:
        told = {(notice.kind, notice.due_at, notice.vault_id is not None) for notice in notices}
        kinds = {(kind, at) for kind, at, _is_hidden in told}
        is_cut, closed_at = False, {event.at for event in events if event.kind == "outcome"}
        for event in events:
            is_cut = is_cut or event.kind == "cut"
            is_one_breath = event.kind == "taken" and event.at in closed_at  # the sender hears of the outcome alone
            wanted = [TO_STAFF.get(event.kind)]
            wanted += [] if is_cut or is_one_breath else [TO_SENDER.get(event.kind)]
            for kind in wanted:
                if kind is None:
                    continue
                self.checked["promises"] += 1
                if (kind, event.at) not in kinds:
                    self.wrong["promise"].append(f"№ {tip.number}: {event.kind} without {kind}")

    @property
    def faults(self) -> list[str]:
        return [f"{what}: {each}" for what, found in self.wrong.items() for each in found]

    def lines(self) -> list[str]:
        def row(name: str, counts: Counter[str]) -> str:
            return f"  {name:<12}{', '.join(f'{key} {counts[key]}' for key in sorted(counts))}"

        found = {name: len(self.wrong[name]) for name in ("lost", "holder", "deadline", "late", "promise")}
        return [
            f"{len(self.sent)} tips of {self.categories} categories",
            row("urgency", self.urgencies),
            row("did", self.did),
            row("moved by", self.moves),
            row("now", self.states),
            row("refused", self.refused),
            row("counted", self.checked),
            "  wrong       " + ", ".join(f"{name} {count}" for name, count in found.items()),
            *(f"    {fault}" for fault in self.faults[:20]),
        ]
