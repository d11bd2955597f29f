"""Telegram's Bot API, as seen by a bot."""
