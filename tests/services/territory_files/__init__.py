"""A department's files, noun by noun."""
