"""The territory as people look at it: tables and one page with a map, for a terminal and for a browser offline."""

from bot.maps.page import comparison_page, territory_page
from bot.maps.tables import Section, sections, text_lines

__all__ = ["Section", "comparison_page", "sections", "territory_page", "text_lines"]
