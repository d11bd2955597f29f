"""The department's territory: loaded whole from checked files, asked by point, address, code or list."""

from bot.services.territory.activating import GenerationActive, GenerationBroken, NoWayBack
from bot.services.territory.comparing import (
    Change,
    Comparison,
    HousesMove,
    PostChange,
    PrecinctChange,
    TipElsewhere,
    compare,
)
from bot.services.territory.editions import Edition, Live, TerritoryCompared, edition_of_files
from bot.services.territory.index import Rows, Survey, TerritoryIndex, build, discard
from bot.services.territory.loading import BordersMissing, CodesUnknown, loaded, portions
from bot.services.territory.placing import WHY, ChatPlan, Placing, Why
from bot.services.territory.views import (
    Activated,
    DepartmentView,
    DeskView,
    DistrictView,
    GenerationView,
    Loaded,
    PlaceView,
    Spot,
    StoredPhoto,
)


class Territory(TerritoryCompared):
    """Asking, loading, comparing and switching, in one transaction."""


__all__ = [
    "WHY",
    "Activated",
    "BordersMissing",
    "Change",
    "ChatPlan",
    "CodesUnknown",
    "Comparison",
    "DepartmentView",
    "DeskView",
    "DistrictView",
    "Edition",
    "GenerationActive",
    "GenerationBroken",
    "GenerationView",
    "HousesMove",
    "Live",
    "Loaded",
    "NoWayBack",
    "PlaceView",
    "Placing",
    "PostChange",
    "PrecinctChange",
    "Rows",
    "Spot",
    "StoredPhoto",
    "Survey",
    "Territory",
    "TerritoryIndex",
    "TipElsewhere",
    "Why",
    "build",
    "compare",
    "discard",
    "edition_of_files",
    "loaded",
    "portions",
]
