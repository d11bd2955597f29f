"""What is counted. No person, no tip, no text is a label."""

from prometheus_client import Counter, Histogram

TURNS = Counter("korshi_turns", "Turns of dialogs by messenger and outcome", ["messenger", "outcome"])
TURN_SECONDS = Histogram(
    "korshi_turn_seconds",
    "From the first statement of a turn to its commit",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
NOTICES = Counter("korshi_notices", "Notices by messenger and what became of the call", ["messenger", "state"])
STORED = Counter("korshi_inbox_stored", "Updates and forms stored", ["messenger"])
