"""The product runs with aiogram's models built late, and so do its tests: this is imported before all of them."""

from bot.late_models import import_late

import_late("fastapi")
