"""Rows the department starts with, from the data files. What staff changed later is left as it is."""

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.data import load
from bot.services.answers import rows_of
from bot.store.base import Base, insert_into
from bot.store.roster import WorkingDay
from bot.store.tips import AnswerTemplate, Category, HandoverReason, Outcome, TipState
from bot.store.warnings import Scheme


class Seeds:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sow(self) -> None:
        await self._add(Category, _categories())
        await self._add(TipState, _states())
        await self._add(Outcome, _outcomes())
        await self._add(Scheme, _schemes())
        await self._add(HandoverReason, _handover_reasons())
        await self._add(WorkingDay, load("calendar")["week"])
        if not await self._session.scalar(
            select(exists().select_from(AnswerTemplate))
        ):  # what staff took out stays out
            await self._add(AnswerTemplate, rows_of(load("answers")["answer"]))

    async def _add(self, table: type[Base], rows: list[dict[str, Any]]) -> None:
        await self._session.execute(insert_into(self._session, table).on_conflict_do_nothing(), rows)


def _categories() -> list[dict[str, Any]]:
    file = load("categories")
    tile_of = {code: tile["code"] for tile in file["tile"] for code in tile["categories"]}
    place = {code: number for tile in file["tile"] for number, code in enumerate(tile["categories"])}
    return [
        {
            "code": item["code"],
            "icon": item.get("icon", ""),
            "name_kk": item.get("label_kk", item["kk"]),
            "name_ru": item.get("label_ru", item["ru"]),
            "urgency": item["urgency"],
            "handlers": ",".join(item["handlers"]),
            "tile": tile_of.get(item["code"]),
            "position": place.get(item["code"], 99),
            "is_offered": item["code"] in tile_of,
        }
        for item in file["category"]
    ]


def _states() -> list[dict[str, Any]]:
    return [
        {
            "code": item["code"],
            "type": item["type"],
            "name_kk": item["kk"],
            "name_ru": item["ru"],
            "next": ",".join(item["next"]),
        }
        for item in load("states")["state"]
    ]


def _outcomes() -> list[dict[str, Any]]:
    return [
        {"code": item["code"], "name_kk": item["kk"], "name_ru": item["ru"], "position": number}
        for number, item in enumerate(load("outcomes")["outcome"])
    ]


def _schemes() -> list[dict[str, Any]]:
    file = load("schemes")
    return [
        {
            "code": item["code"],
            "icon": item.get("icon", ""),
            "title_kk": item["title_kk"],
            "title_ru": item["title_ru"],
            "text_kk": _card(item, "kk", file),
            "text_ru": _card(item, "ru", file),
            "position": number,
        }
        for number, item in enumerate(file["scheme"])
    ]


def _card(item: dict[str, Any], language: str, file: dict[str, Any]) -> str:
    text, how, signs, advice = (item.get(f"{name}_{language}", "") for name in ("text", "how", "signs", "do"))
    title = f"{item.get('icon', '')} {item[f'title_{language}']}".strip()
    signs = signs and f"{file[f'signs_{language}']}: {signs}"
    return "\n".join(part for part in [title, text, how, signs, advice, file[f"common_{language}"]] if part)


def _handover_reasons() -> list[dict[str, Any]]:
    return [
        {
            "code": item["code"],
            "name_kk": item["kk"],
            "name_ru": item["ru"],
            "is_misroute": item.get("misroute", False),
            "position": position,
        }
        for position, item in enumerate(load("handover_reasons")["reason"])
    ]
