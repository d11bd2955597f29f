"""Two sets of houses meet where they have a house in common, and nowhere else."""

from dataclasses import replace

import pytest

from bot.i18n import Bilingual
from bot.services.houses import Houses

STREET = Houses(Bilingual("Абай көшесі", "улица Абая"), ("|абай|", "|ленин|"))


def of(*numbers: str, run: tuple[int, int, int | None] | None = None) -> Houses:
    return replace(STREET, numbers=numbers, runs=(run,) if run else ())


@pytest.mark.parametrize(
    ("one", "other", "is_common"),
    [
        (of("12"), of("12"), True),
        (of("12"), of("12А"), False),
        (of("12А"), of(run=(1, 20, None)), True),
        (of("12"), of(run=(1, 19, 1)), False),
        (of(run=(1, 20, 0)), of(run=(19, 30, None)), True),
        (of(run=(1, 20, 0)), of(run=(1, 21, 1)), False),
        (of("40", run=(1, 9, None)), of("40"), True),
        (of("12"), of(), False),
    ],
)
def test_a_common_house_is_found_whichever_way_it_is_written(one: Houses, other: Houses, is_common: bool) -> None:
    assert one.meets(other) is is_common
    assert other.meets(one) is is_common


def test_another_street_is_another_house_and_a_former_name_is_not() -> None:
    assert not of("12").meets(replace(of("12"), names=("|сейфуллин|",)))
    assert of("12").meets(replace(of("12"), names=("|ленин|",)))


def test_it_is_kept_as_it_is_and_an_older_one_knows_no_groups() -> None:
    houses = replace(of("12", run=(1, 9, 1)), precinct_ids=(3,), chat_ids=(7, 8))
    kept = houses.as_json()
    assert Houses.from_json(kept) == houses
    del kept["chats"]
    assert Houses.from_json(kept).chat_ids == ()
