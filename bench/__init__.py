"""Benchmarks, one a target; each prints its baseline from the same run."""
