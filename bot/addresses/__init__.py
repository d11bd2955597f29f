"""Houses and addresses: numbers, spellings, and the register that finds a precinct by what people type."""

from bot.addresses.book import AddressBook, HouseRow, Match
from bot.addresses.numbers import HouseNumber, Numbers, Run, read_house, read_numbers
from bot.addresses.query import street_name

__all__ = [
    "AddressBook",
    "HouseNumber",
    "HouseRow",
    "Match",
    "Numbers",
    "Run",
    "read_house",
    "read_numbers",
    "street_name",
]
