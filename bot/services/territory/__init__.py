"""The department's territory: loaded whole from checked files, asked by point, address, code or list."""

from bot.services.territory.loading import TerritoryLoaded
from bot.services.territory.views import DepartmentView, DeskView, DistrictView, PlaceView, TerritoryIndex


class Territory(TerritoryLoaded):
    """Asking and loading, in one transaction."""


__all__ = ["DepartmentView", "DeskView", "DistrictView", "PlaceView", "Territory", "TerritoryIndex"]
