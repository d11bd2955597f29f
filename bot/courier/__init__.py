"""The delivery engine: carries due notices and replies to people, no faster than each messenger allows."""

from bot.courier.engine import Courier
from bot.courier.replies import Replies
from bot.courier.templates import TemplateWatch

__all__ = ["Courier", "Replies", "TemplateWatch"]
