"""The control API under /sim: what tests, benchmarks and the phones page call."""
