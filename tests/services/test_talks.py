"""Where a dialog stands, and which number means what."""

from bot.services.talks import MENU_LIMIT, TalkView, numbered, talk_key
from bot.services.unit import Units
from bot.store.talks import Talk
from tests.services import cast


async def read(units: Units, key: bytes) -> TalkView:
    async with units.reading() as unit:
        return await unit.talks.read(key)


def key() -> bytes:
    return talk_key("whatsapp", "+77010000001", "+77010000001")


async def test_a_talk_never_held_is_empty(units: Units) -> None:
    assert await read(units, key()) == TalkView()


async def test_a_talk_is_read_as_it_was_written(units: Units) -> None:
    talk = TalkView("TipForm:story", {"parts": [{"text": "Шум"}]}, [("Дайын", "rep:done:")], menu_is_open=True)
    async with units() as unit:
        await unit.talks.write(key(), talk)
    assert await read(units, key()) == talk
    (row,) = await cast.rows(units, Talk)
    assert "Шум".encode() not in row.form_sealed
    assert "Дайын".encode() not in row.menu_sealed
    assert b"77010000001" not in row.key


async def test_talks_of_two_people_two_chats_two_messengers_are_apart() -> None:
    keys = {
        talk_key("telegram", "1", "1"), talk_key("whatsapp", "1", "1"), talk_key("telegram", "-5", "1"),
        talk_key("telegram", "1", "2"), talk_key("telegram", "1", "1", "part"), talk_key("telegram", "11", ""),
    }  # fmt: skip
    assert len(keys) == 6


async def test_a_notices_choices_are_numbered_after_the_open_menu(units: Units) -> None:
    async with units() as unit:
        await unit.talks.write(key(), TalkView(menu=[("Хабарлау", "a"), ("Сообщить", "a"), ("Мәзір", "b")]))
        assert await unit.talks.add_menu(key(), [("Бағалау", "c"), ("Шешілмеді", "d")]) == (3, False)
        assert await unit.talks.add_menu(key(), [("Көмек", "e")]) == (5, False)
    assert numbered((await read(units, key())).menu) == ["a", "b", "c", "d", "e"]


async def test_without_a_menu_a_notice_begins_with_one(units: Units) -> None:
    async with units() as unit:
        assert await unit.talks.add_menu(key(), [("Көмек", "e")]) == (1, False)
        await unit.talks.write(key(), TalkView(state="TipForm:story", menu=[("Дайын", "d")], menu_is_open=True))
        assert await unit.talks.add_menu(key(), [("Көмек", "e")]) == (2, True)


async def test_numbers_do_not_grow_for_ever(units: Units) -> None:
    async with units() as unit:
        for number in range(MENU_LIMIT + 1):
            await unit.talks.add_menu(key(), [(f"№{number}", f"v{number}")])
        assert await unit.talks.add_menu(key(), [("Соңғы", "last")]) == (1, False)


async def test_a_choice_of_both_menus_has_a_number_in_each(units: Units) -> None:
    """«1. Мәзір», then a notice with «2. Мәзір, 3. Бағалау»: 3 must be the rating."""
    async with units() as unit:
        await unit.talks.write(key(), TalkView(menu=[("Мәзір", "menu"), ("Меню", "menu")]))
        menu = [("Мәзір", "menu"), ("Меню", "menu"), ("Бағалау", "rate"), ("Оценка", "rate")]
        assert await unit.talks.add_menu(key(), menu) == (2, False)
    assert numbered((await read(units, key())).menu) == ["menu", "menu", "rate"]


async def test_forgetting(units: Units) -> None:
    async with units() as unit:
        await unit.talks.write(key(), TalkView(state="x"))
        await unit.talks.forget(key())
    assert await read(units, key()) == TalkView()
