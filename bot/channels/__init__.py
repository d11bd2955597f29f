"""Messengers, one a file, and the pace at which each may be spoken to."""
