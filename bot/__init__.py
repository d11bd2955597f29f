"""Korshi: the working tool of a police department for talking with its residents."""

__version__ = "0.1.0"
