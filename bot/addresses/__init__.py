"""Houses and addresses: numbers, spellings, and the register that finds a precinct by what people type."""

from bot.addresses.book import AddressBook, Match
from bot.addresses.numbers import HouseNumber, Numbers, Run, read_house, read_numbers
from bot.addresses.query import street_name
from bot.addresses.rows import HouseRow
from bot.addresses.settlements import Settlements
from bot.addresses.streets import Settlement

__all__ = [
    "AddressBook",
    "HouseNumber",
    "HouseRow",
    "Match",
    "Numbers",
    "Run",
    "Settlement",
    "Settlements",
    "read_house",
    "read_numbers",
    "street_name",
]
