"""Writes the demo department: a made-up city on the steppe, as the files that a real department keeps.

`python demo/make.py` rewrites everything beside this file, each time alike. Nobody in it exists: people are
joined from lists of common names, numbers come from a block given to no one, the city is on no map.
"""

import csv
import io
import json
import random
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import count, cycle, pairwise
from math import cos, radians
from pathlib import Path

from PIL import Image, ImageDraw
from shapely import Polygon

HERE = Path(__file__).parent
CENTRE_LAT, CENTRE_LON = 49.80, 73.10
METRES_PER_DEGREE = 111_320.0

CITY = tomllib.loads((HERE / "city.toml").read_text(encoding="utf-8"))

HOURS = ("Дс–Жм 18:00–20:00, сб 10:00–12:00", "Пн–Пт 18:00–20:00, сб 10:00–12:00")
OFFICE_HOURS = ("Дс–Жм 09:00–18:30, үзіліс 13:00–14:30", "Пн–Пт 09:00–18:30, перерыв 13:00–14:30")
ROUND_THE_CLOCK = ("Тәулік бойы", "Круглосуточно")
CENTRAL = ("Тәуелсіздік даңғылы, 10", "проспект Тауелсиздик, 10")

LABELS = {  # the short word under a name on the phones page
    "resident": "тұрғын / житель", "inspector": "инспектор", "desk": "бөлімше / подразделение",
    "duty": "кезекші / дежурный", "own_security": "қауіпсіздік / безопасность", "staff": "қызметкер / сотрудник",
    "head": "басшы / руководитель", "admin": "әкімші / администратор",
}  # fmt: skip

OFFICER_COLUMNS = "badge rank name_kk name_ru phone office_kk office_ru hours_kk hours_ru role place telegram_id "
OFFICER_COLUMNS += "username photo"
HOUSE_COLUMNS = "precinct street_kk street_ru old_name_kk old_name_ru numbers complex_kk complex_ru "
HOUSE_COLUMNS += "settlement_kk settlement_ru"
WORKING_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
LETTERS = "АБДЕЖКМНОСТ"
RESIDENTS, FIRST_CHAT = 300, -1001000000001
NEWCOMERS: list[dict[str, object]] = [  # the phones that stand open on the page: they have not met the bot yet
    {"channel": "telegram", "name": "Айгерім", "telegram_id": 1301, "username": "aigerim_demo", "language_code": "kk"},
    {"channel": "telegram", "name": "Павел", "telegram_id": 1302, "username": "pavel_demo", "language_code": "ru"},
    {"channel": "whatsapp", "name": "Сәуле", "phone": "+77000000031", "language_code": "kk"},
]
PINNED_PRECINCT = "203"

DEPARTMENT = """\
# The department's card. `demo = true`: the data is made up, and Korshi refuses to use it with real messengers.
demo = true
name_kk = "Алтынарқа қаласының Полиция департаменті (көрсетілім)"
name_ru = "Департамент полиции города Алтынарка (демонстрация)"
bin = "000000000000"
phone = "+7 700 000 02 10"
address_kk = "Алтынарқа қаласы, Тәуелсіздік даңғылы, 10"
address_ru = "город Алтынарка, проспект Тауелсиздик, 10"
# How long the consent holds: stands in its full text.
term_kk = "хабарлама жабылғаннан кейін 3 жыл немесе келісіміңізді қайтарып алғанға дейін"
term_ru = "3 года после закрытия сообщения или до отзыва согласия"
hours_kk = "Дс–Жм 09:00–18:30, үзіліс 13:00–14:30"
hours_ru = "Пн–Пт 09:00–18:30, перерыв 13:00–14:30"
timezone = "Asia/Almaty"
# People write the town in front of a street; it is not searched for.
town_kk = "Алтынарқа"
town_ru = "Алтынарка"
"""

Point = tuple[float, float]


def build() -> dict[str, str | bytes]:
    """Every file's name and content."""
    territory = make_territory()
    officers, residents, chats = make_officers(), make_residents(), make_chats(territory)
    return {
        "department.toml": DEPARTMENT,
        "territory.geojson": territory,
        "houses.csv": table(HOUSE_COLUMNS, make_houses()),
        "desks.csv": table("code kind district name_kk name_ru phone address_kk address_ru", make_desks()),
        "officers.csv": table(OFFICER_COLUMNS, [tuple(one.values()) for one in officers]),
        "chats.csv": table("telegram_id title precinct second_precinct place lat lon", chats),
        "residents.csv": table("channel address name language precinct subscribed", residents),
        "absences.csv": table("badge substitute first_day last_day reason", make_absences()),
        "watches.csv": table("desk badge starts_at ends_at", make_watches()),
        "calendar.csv": table("day is_working name_kk name_ru", make_calendar()),
        "week.csv": table("weekday opens closes", [(day, "09:00", "18:00") for day in WORKING_DAYS]),
        "phones.json": make_phones(officers, residents, chats),
        **{f"photos/{one['photo']}": portrait(one["badge"]) for one in officers if one["photo"]},
    }


def table(columns: str, rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(columns.split())
    writer.writerows(rows)
    return text.getvalue()


# -- borders


def make_territory() -> str:
    """Each edge is drawn once and used by both neighbours, so borders meet in the same points, without gaps."""
    edges: dict[tuple[str, str], list[Point]] = {}
    walks = {code: precinct["corners"].split() for code, precinct in CITY["precincts"].items()}
    for step in (step for corners in walks.values() for step in steps_of(corners)):
        if step not in edges:
            edges[step] = wander(*step)
            edges[step[::-1]] = edges[step][::-1]
    features = []
    for code, (kk, ru) in CITY["districts"].items():
        members = [walks[one] for one, precinct in CITY["precincts"].items() if precinct["district"] == code]
        features.append(feature(ring(outline(members), edges), kind="district", code=code, name_kk=kk, name_ru=ru))
    for code, precinct in CITY["precincts"].items():
        kk, ru = precinct["name"]
        names = {"name_kk": f"№ {code}, {kk}", "name_ru": f"№ {code}, {ru}"}
        shape = ring(walks[code], edges)
        features.append(feature(shape, kind="precinct", code=code, **names, district=precinct["district"]))
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def steps_of(corners: list[str]) -> list[tuple[str, str]]:
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def wander(start: str, end: str) -> list[Point]:
    """From corner to corner as such a border runs: rivers wind, railways hardly, streets a little."""
    chance = random.Random(f"{min(start, end)}-{max(start, end)}")
    sway = {"RR": 0.16, "TT": 0.035}.get(start[0] + end[0], 0.07)
    points: list[Point] = [tuple(CITY["corners"][start]), tuple(CITY["corners"][end])]
    for _round in range(4):
        bent = points[:1]
        for (x1, y1), (x2, y2) in pairwise(points):
            push = chance.uniform(-sway, sway)
            bent += [((x1 + x2) / 2 - (y2 - y1) * push, (y1 + y2) / 2 + (x2 - x1) * push), (x2, y2)]
        points = bent
    return [degrees(point) for point in points]


def degrees(point: Point) -> Point:
    x, y = point
    lon = CENTRE_LON + x * 1000 / (METRES_PER_DEGREE * cos(radians(CENTRE_LAT)))
    return round(lon, 6), round(CENTRE_LAT + y * 1000 / METRES_PER_DEGREE, 6)


def outline(walks: list[list[str]]) -> list[str]:
    """The corners around several precincts: steps that a neighbour walks the other way fall out."""
    steps = {step for corners in walks for step in steps_of(corners)}
    after = {a: b for a, b in steps if (b, a) not in steps}
    corner = first = min(after)
    around = [first]
    while (corner := after[corner]) != first:
        around.append(corner)
    return around


def ring(corners: list[str], edges: dict[tuple[str, str], list[Point]]) -> list[Point]:
    """A closed ring, counterclockwise as GeoJSON asks (the corners run clockwise)."""
    points = [point for step in steps_of(corners) for point in edges[step][:-1]]
    return [*points, points[0]][::-1]


def feature(points: list[Point], **properties: str) -> dict[str, object]:
    geometry = {"type": "Polygon", "coordinates": [points]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


# -- lists


def make_houses() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for code, precinct in CITY["precincts"].items():
        for street, numbers in precinct["houses"].items():
            kk, ru, *old = CITY["streets"][street]
            if street in CITY["complexes"]:
                rows.append((code, "", "", "", "", numbers, kk, ru, "", ""))
            else:
                rows.append((code, kk, ru, *(old or ("", "")), numbers, "", "", "", ""))
        for street, (kk, ru, numbers) in precinct.get("estates", {}).items():
            rows.append((code, *CITY["streets"][street][:2], "", "", numbers, kk, ru, "", ""))
        if village := precinct.get("village"):
            rows += [
                (code, kk, ru, "", "", numbers, "", "", *village["name"]) for kk, ru, numbers in village["streets"]
            ]
    return rows


def make_desks() -> list[tuple[str, ...]]:
    return [
        (
            one["code"],
            one["kind"],
            one.get("district", ""),
            *one["name"],
            phone(one["phone"]),
            *one.get("address", CENTRAL),
        )
        for one in CITY["desks"]
    ]


def phone(last_digits: int) -> str:
    return f"+7 700 000 {last_digits // 100:02} {last_digits % 100:02}"


def officer_name(number: int, sex: str) -> tuple[str, str]:
    """A first name and a surname in Kazakh and Russian spelling."""
    first, surnames = CITY["names"]["women" if sex == "woman" else "men"], CITY["names"]["surnames"]
    given, family = (
        first[number * 5 % len(first)].split("/"),
        surnames[(number * 3 + number // 14) % len(surnames)].split("/"),
    )
    ending = "а" if sex == "woman" else ""
    return f"{given[0]} {family[0]}{ending}", f"{given[1]} {family[1]}{ending}"


def make_officers() -> list[dict[str, str]]:
    """One inspector for each precinct, with the office in its first house, then those who have no precinct."""
    rows: list[dict[str, str]] = []
    for (code, precinct), rank in zip(CITY["precincts"].items(), CITY["inspector_ranks"], strict=True):
        street, numbers = next(iter(precinct["houses"].items()))
        kk, ru, *_ = CITY["streets"][street]
        house = numbers.split("-")[0]
        office = (f"{kk}, {house}, № {code} полиция пункті", f"{ru}, {house}, пункт полиции № {code}")
        sex = "woman" if code in CITY["women_inspectors"] else "man"
        rows.append(officer(len(rows), (rank, sex, "inspector", code), office, HOURS))
    for service in CITY["services"]:
        rows.append(officer(len(rows), service, CENTRAL, ROUND_THE_CLOCK if service[2] == "duty" else OFFICE_HOURS))
    return rows


def officer(number: int, service: Sequence[str], office: tuple[str, str], hours: tuple[str, str]) -> dict[str, str]:
    rank, sex, role, place = service
    badge = f"A-{1001 + number}"
    known = (f"@officer_{2001 + number}", f"{badge}.png") if badge in CITY["portraits"] else ("", "")
    cells = (
        badge, rank, *officer_name(number, sex), phone(101 + number), *office, *hours, role, place,
        str(2001 + number), *known,
    )  # fmt: skip
    return dict(zip(OFFICER_COLUMNS.split(), cells, strict=True))


def make_chats(territory: str) -> list[tuple[object, ...]]:
    """Two chats for each precinct, one named in Kazakh and one in Russian; the first yard is on a border."""
    borders = {
        one["properties"]["code"]: one["geometry"]["coordinates"][0] for one in json.loads(territory)["features"]
    }
    rows: list[tuple[object, ...]] = []
    for code, precinct in CITY["precincts"].items():
        streets = list(precinct["houses"])
        middle = Polygon(borders[code]).representative_point()
        point = (round(middle.y, 5), round(middle.x, 5))
        for street, language, word in ((streets[1], 0, "Көршілер"), (streets[-1], 1, "Соседи")):
            name, second = CITY["streets"][street][language], "" if rows else "102"
            house = precinct["houses"][street].split("-")[0]
            rows.append((FIRST_CHAT - len(rows), f"{word} · {name}", code, second, f"{name}, {house}", *point))
    return rows


def make_absences() -> list[tuple[object, ...]]:
    """One officer with a substitute, and a substitute who is away himself."""
    return [(badge, other, since, CITY["calendar_until"], why) for badge, other, since, why in CITY["absences"]]


def make_watches() -> list[tuple[str, ...]]:
    """From Monday to Monday at nine, in turn, as long as there is a calendar."""
    watches, rows = CITY["watches"], []
    for week, badge in zip(count(), cycle(watches["badges"])):
        starts = watches["since"] + timedelta(weeks=week)
        if starts > CITY["calendar_until"]:
            break
        rows.append((watches["desk"], badge, f"{starts} 09:00", f"{starts + timedelta(weeks=1)} 09:00"))
    return rows


def make_calendar() -> list[tuple[object, ...]]:
    """Holidays, and the working days given for those on a weekend."""
    holidays = CITY["holidays"]
    days: dict[date, tuple[str, str]] = {day: (kk, ru) for day, kk, ru in holidays["religious"]}
    national = {
        date.fromisoformat(f"{year}-{day}"): (kk, ru)
        for year in sorted({day.year for day in days})
        for day, kk, ru in holidays["national"]
    }
    days |= national
    for day, (kk, ru) in national.items():
        if day.weekday() >= 5:
            instead = next(later for later in (day + timedelta(n) for n in count(1))
                           if later.weekday() < 5 and later not in days)  # fmt: skip
            days[instead] = (f"{kk}: демалыс күні ауысты", f"{ru}: перенос выходного дня")
    return [(day, "no", *names) for day, names in sorted(days.items())]


def portrait(badge: str) -> bytes:
    """Nobody's face: a head, shoulders and a cap, in colours of the badge's own."""
    chance = random.Random(badge)
    size = 240
    picture = Image.new("RGB", (size, size), chance.choice(["#c9dcec", "#d8e6d0", "#ece0cc"]))
    draw = ImageDraw.Draw(picture)
    skin, hair = chance.choice(["#e3b98f", "#d9a878", "#eac9a5"]), chance.choice(["#2b211b", "#4a3427", "#1d1b1a"])
    draw.ellipse((30, 170, 210, 330), fill="#2f4a73")
    draw.rectangle((104, 150, 136, 190), fill=skin)
    draw.ellipse((72, 60, 168, 178), fill=hair)
    draw.ellipse((78, 66, 162, 174), fill=skin)
    draw.chord((66, 36, 174, 136), 180, 360, fill="#25395a")
    draw.rectangle((62, 82, 178, 94), fill="#16233a")
    for eye in (100, 140):
        draw.ellipse((eye - 5, 112, eye + 5, 120), fill="#222222")
    draw.arc((100, 130, 140, 156), 20, 160, fill="#8a4b3c", width=4)
    out = io.BytesIO()
    picture.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()


def make_residents() -> list[tuple[str, ...]]:
    """Three of five write in Kazakh, four of five have subscribed; every tenth is on WhatsApp."""
    chance = random.Random("residents")
    names, codes = CITY["names"], list(CITY["precincts"])
    rows: list[tuple[str, ...]] = []
    on_whatsapp = 0
    for index in range(RESIDENTS):
        language = "kk" if index % 5 < 3 else "ru"
        name = chance.choice(names["russian"])
        if language == "kk" or index % 10 == 3:
            name = chance.choice(names["men"] + names["women"]).split("/")[language == "ru"]
        channel, address = "telegram", str(1001 + index)
        if index % 10 == index // 60:
            on_whatsapp += 1
            channel, address = "whatsapp", phone(on_whatsapp)
        subscribed = "no" if index % 5 == 4 else "yes"
        rows.append(
            (channel, address, f"{name} {chance.choice(LETTERS)}.", language, codes[index // 2 % 12], subscribed)
        )
    return rows


# -- phones for the stand-in messengers


def make_phones(
    officers: list[dict[str, str]], residents: list[tuple[str, ...]], chats: list[tuple[object, ...]]
) -> str:
    """Everybody above and three newcomers, with the groups they sit in; the pinned ones stand open on the page."""
    first_staff = next(one for one in officers if one["role"] == "staff")
    members: dict[str, list[str]] = {code: [] for code in CITY["precincts"]}
    people: list[dict[str, object]] = [
        {**one, "role": LABELS["resident"], "pinned": True, "started": False} for one in NEWCOMERS
    ]
    for one in officers:
        is_pinned = one["place"] == PINNED_PRECINCT or one is first_staff
        account: dict[str, object] = {
            "telegram_id": int(one["telegram_id"]),
            "username": f"officer_{one['telegram_id']}",
        }
        people.append(person("telegram", one["name_kk"], account, "kk", LABELS[one["role"]], is_pinned))
        if one["role"] == "inspector":
            members[one["place"]].append(f"t{one['telegram_id']}")
    for channel, address, name, language, code, _ in residents:
        if channel == "telegram":
            account = {"telegram_id": int(address), "username": f"resident_{address}"}
            members[code].append(f"t{address}")
        else:
            account = {"phone": address.replace(" ", "")}
        people.append(person(channel, name, account, language, LABELS["resident"], False))
    members[PINNED_PRECINCT] += [f"t{one['telegram_id']}" for one in NEWCOMERS if "telegram_id" in one]
    first_pinned = next(chat for chat in chats if chat[2] == PINNED_PRECINCT)
    groups = [
        {"id": chat[0], "title": chat[1], "members": members[str(chat[2])], "bot": "member",
         "pinned": chat is first_pinned, "type": "supergroup"}
        for chat in chats
    ]  # fmt: skip
    lines = (",\n".join(json.dumps(one, ensure_ascii=False) for one in part) for part in (people, groups))
    return '{{"people": [\n{}\n],\n"groups": [\n{}\n]}}\n'.format(*lines)


def person(
    channel: str, name: str, account: dict[str, object], language: str, label: str, is_pinned: bool
) -> dict[str, object]:
    words = {"language_code": language, "role": label, "pinned": is_pinned, "started": True}
    return {"channel": channel, "name": name, **account, **words}


if __name__ == "__main__":
    (HERE / "photos").mkdir(exist_ok=True)
    for name, content in build().items():
        whole = content.encode() if isinstance(content, str) else content
        (HERE / name).write_bytes(whole)
        print(f"{name}: {len(whole)} bytes")
