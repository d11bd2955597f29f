"""A department's files, read and checked whole: paths in, checked entries or a list of faults out."""

from bot.services.territory_files.department import Known, read_department
from bot.services.territory_files.entries import (
    AbsenceEntry,
    CalendarEntry,
    ChatEntry,
    DepartmentEntry,
    DepartmentFiles,
    DeskEntry,
    DistrictEntry,
    HouseEntry,
    OfficerEntry,
    Photo,
    PrecinctEntry,
    ResidentEntry,
    WatchEntry,
    WeekEntry,
)
from bot.services.territory_files.faults import Fault, TerritoryRefused

__all__ = [
    "AbsenceEntry",
    "CalendarEntry",
    "ChatEntry",
    "DepartmentEntry",
    "DepartmentFiles",
    "DeskEntry",
    "DistrictEntry",
    "Fault",
    "HouseEntry",
    "Known",
    "OfficerEntry",
    "Photo",
    "PrecinctEntry",
    "ResidentEntry",
    "TerritoryRefused",
    "WatchEntry",
    "WeekEntry",
    "read_department",
]
