"""A department's files, read and checked whole: paths in, checked entries or a list of faults out."""

from bot.services.territory_files.department import read_department
from bot.services.territory_files.entries import (
    ChatEntry,
    DepartmentEntry,
    DepartmentFiles,
    DeskEntry,
    DistrictEntry,
    HouseEntry,
    OfficerEntry,
    PrecinctEntry,
    ResidentEntry,
)
from bot.services.territory_files.faults import Fault, TerritoryRefused

__all__ = [
    "ChatEntry",
    "DepartmentEntry",
    "DepartmentFiles",
    "DeskEntry",
    "DistrictEntry",
    "Fault",
    "HouseEntry",
    "OfficerEntry",
    "PrecinctEntry",
    "ResidentEntry",
    "TerritoryRefused",
    "read_department",
]
