"""A small department that is the same in every table: three precincts in two districts, desks, a duty roster."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.i18n import Bilingual
from bot.services.deadlines import Hours, WorkingCalendar
from bot.services.officers import DutyView, OfficerView
from bot.services.routing import DeskHold
from bot.services.routing.scene import PrecinctHold, Scene
from bot.terms import DeskKind, Role
from tests.postgres import ZONE

NOTHING = Bilingual("", "")
DISTRICTS = {"Север": 1, "Юг": 2}
PRECINCTS = {
    code: PrecinctHold(number, Bilingual(f"{code} учаскесі", f"участок {code}"), district)
    for code, number, district in (("101", 11, 1), ("102", 12, 1), ("201", 21, 2), ("пустой", 29, 2))
}
DESKS = {
    code: DeskHold(number, code, kind, district, Bilingual(name, name))
    for code, number, kind, district, name in (
        ("cyberpol", 51, DeskKind.DESK, None, "Киберпол"),
        ("antidrug", 52, DeskKind.DESK, None, "Наркоконтроль"),
        ("juvenile", 53, DeskKind.DESK, None, "Ювенальная полиция"),
        ("women", 54, DeskKind.DESK, None, "Защита женщин"),
        ("road", 55, DeskKind.DESK, None, "Дорожная полиция"),
        ("migration", 56, DeskKind.DESK, None, "Миграционная полиция"),
        ("duty-north", 61, DeskKind.DISTRICT_DUTY, 1, "Дежурная Севера"),
        ("duty-south", 62, DeskKind.DISTRICT_DUTY, 2, "Дежурная Юга"),
        ("duty", 69, DeskKind.DEPARTMENT_DUTY, None, "Дежурная департамента"),
        ("own_security", 71, DeskKind.OWN_SECURITY, None, "Собственная безопасность"),
    )
}


def person(number: int, kk: str, ru: str, *duties: DutyView, account: bool = True) -> OfficerView:
    phone = f"+7 701 000 {number // 100:02d} {number % 100:02d}"
    name = Bilingual(kk, ru)
    account_id = number + 9000 if account else None
    return OfficerView(number, f"KZ-{number:04d}", NOTHING, name, phone, NOTHING, NOTHING, account_id, duties)


def at_precinct(code: str) -> DutyView:
    return DutyView(Role.INSPECTOR, PRECINCTS[code].id, None)


def at_desk(code: str, role: Role = Role.DESK) -> DutyView:
    return DutyView(role, None, DESKS[code].id)


PEOPLE = (
    person(1, "Асқар Тоғайбаев", "Аскар Тогайбаев", at_precinct("101")),
    person(2, "Әсел Арқабаева", "Асель Аркабаева", at_precinct("102")),
    person(3, "Нұрлан Абаев", "Нурлан Абаев", at_precinct("102")),
    person(4, "Ерлан Шалқаров", "Ерлан Шалкаров", at_precinct("201")),
    person(11, "Дәурен Төбебаев", "Даурен Тобебаев", at_desk("cyberpol")),
    person(12, "Мақсат Далабаев", "Максат Далабаев", at_desk("antidrug")),
    person(13, "Раушан Бұлақова", "Раушан Булакова", at_desk("juvenile")),
    person(14, "Жанар Жидебаева", "Жанар Жидебаева", at_desk("women")),
    person(15, "Болат Көлбаев", "Болат Кольбаев", at_desk("road")),
    person(16, "Сәуле Миржақова", "Сауле Миржакова", at_desk("migration"), account=False),
    person(21, "Серік Теректиев", "Серик Теректиев", at_desk("duty-north", Role.DUTY)),
    person(22, "Марат Жазықбаев", "Марат Жазыкбаев", at_desk("duty-north", Role.DUTY)),
    person(23, "Нұрлан Самалов", "Нурлан Самалов", at_desk("duty-south", Role.DUTY)),
    person(24, "Тимур Көктемов", "Тимур Коктемов", at_desk("duty", Role.DUTY)),
    person(31, "Болат Қасқыров", "Болат Каскыров", at_desk("own_security", Role.OWN_SECURITY)),
    person(32, "Айдос Бүркітов", "Айдос Буркитов", at_desk("own_security", Role.OWN_SECURITY)),
    person(41, "Дәурен Аққұлов", "Даурен Аккулов", DutyView(Role.HEAD, None, None)),
)
BY_NAME = {officer.name.ru.split()[1]: officer for officer in PEOPLE}
# Republic Day on Monday 26 October 2026; Nauryz 2024; the Saturday before works until one.
CALENDAR = WorkingCalendar(
    ZONE,
    dict.fromkeys(range(5), Hours("09:00", "18:00")),
    {date(2026, 10, 26): None, date(2026, 10, 24): Hours("09:00", "13:00"), date(2024, 3, 8): None},
)
WEEKEND_WATCH = ("Жазыкбаев", "2026-10-24T09:00", "2026-10-26T09:00")  # of the north: Saturday to Monday morning


def scene(at: datetime, off: Iterable[str] = (), absent: Iterable[str] = (), gone: Iterable[str] = ()) -> Scene:
    """`off`: «Тогайбаев», or «Тогайбаев → Шалкаров» with a substitute; `absent`: no account; `gone`: no such desk."""
    away: dict[int, int | None] = {}
    for entry in off:
        who, _arrow, other = entry.partition(" → ")
        away[BY_NAME[who].id] = BY_NAME[other].id if other else None
    unheard = {BY_NAME[name].id for name in absent}
    people = {who.id: replace(who, resident_id=None) if who.id in unheard else who for who in PEOPLE}
    name, starts, ends = WEEKEND_WATCH
    is_on = (
        datetime.fromisoformat(starts).replace(tzinfo=ZONE) <= at < datetime.fromisoformat(ends).replace(tzinfo=ZONE)
    )
    watching = {DESKS["duty-north"].id: frozenset({BY_NAME[name].id})} if is_on else {}
    desks = tuple(desk for code, desk in DESKS.items() if code not in set(gone))
    precincts = {precinct.id: precinct for precinct in PRECINCTS.values()}
    return Scene(CALENDAR, people, desks, precincts, away, watching)


def of_category(categories: Iterable[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(category for category in categories if category["code"] == code)
