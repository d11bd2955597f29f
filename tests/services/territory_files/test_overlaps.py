"""Houses that two lines have in common, against counting them one by one."""

from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import HouseNumber, Numbers, Run, read_numbers
from bot.i18n import speaking
from bot.services.territory_files.overlaps import SHOWN, in_both
from bot.terms import Language

single = st.builds(HouseNumber, st.integers(1, 40), st.sampled_from(["", "", "а", "/1", "к2"]))
run = st.builds(
    lambda first, length, side: Run(first, first + length, side),
    st.integers(1, 40), st.integers(0, 20), st.sampled_from([None, 0, 1]),
)  # fmt: skip
lines = st.builds(Numbers, st.lists(single, max_size=4).map(tuple), st.lists(run, max_size=3).map(tuple))


@given(lines, lines)
def test_none_is_forgotten_and_none_counted_twice(one: Numbers, other: Numbers) -> None:
    expected = sorted(set(one.each()) & set(other.each()))
    found = in_both(one, other)
    assert (found.count, list(found.first)) == (len(expected), expected[:SHOWN])


def test_a_run_of_thousands_is_not_walked() -> None:
    found = in_both(read_numbers("1-9999, 12А"), read_numbers("2-9998 even, 12А, 12Б"))
    assert found.count == 4_999 + 1
    assert [str(house) for house in found.first[4:8]] == ["10", "12", "12А", "14"]


def test_as_words() -> None:
    houses = in_both(read_numbers("1-40"), read_numbers("1-35 odd"))
    for language, words in ((Language.KK, "23 және тағы 6"), (Language.RU, "23 и ещё 6")):
        with speaking(language):
            assert str(houses) == f"1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, {words}"
            assert str(in_both(read_numbers("3, 12А, 1"), read_numbers("1-9 odd, 12А"))) == "1, 3, 12А"
