"""A street's houses as the list names them."""

from bot.addresses.numbers import HouseNumber
from bot.addresses.streets import EXACT, NEIGHBOUR, NOT_LISTED, Register, Settlement, Street


def street(*rows: tuple[str, str]) -> Street:
    made = Street(Register(), Settlement("", ""), ("Арай көшесі", "улица Арай"))
    for precinct, numbers in rows:
        made.add(numbers, precinct)
    made.close()
    return made


def test_a_house_named_by_itself_goes_before_a_run() -> None:
    here = street(("1", "1-20"), ("2", "12А, 30"))
    assert here.holders(HouseNumber(12, "а")) == (["2"], EXACT)
    assert here.holders(HouseNumber(12)) == (["1"], EXACT)
    assert here.holders(HouseNumber(12, "б")) == (["1"], EXACT)
    assert here.holders(HouseNumber(30, "к7")) == (["2"], NEIGHBOUR)


def test_a_house_nobody_lists_is_nearest_to_its_neighbours() -> None:
    here = street(("1", "1-9 odd"), ("2", "40"), ("3", "90-99"))
    assert here.holders(HouseNumber(4)) == (["1", "2", "3"], NOT_LISTED)
    assert here.holders(HouseNumber(80)) == (["3", "2", "1"], NOT_LISTED)
    assert here.precincts() == ["1", "2", "3"]


def test_a_house_in_two_precincts_names_both() -> None:
    assert street(("2", "5"), ("1", "5"), ("1", "5")).holders(HouseNumber(5)) == (["1", "2"], EXACT)


def test_a_thousand_houses_are_kept_apart() -> None:
    here = street(*((str(number % 7), f"{number}, {number}/1") for number in range(999, 0, -1)))
    assert all(here.holders(HouseNumber(n, "/1")) == ([str(n % 7)], EXACT) for n in range(1, 1000))
