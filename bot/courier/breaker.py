"""When a whole channel is out: nothing is tried for a minute, then one call looks whether it is back."""

from collections import deque

WINDOW_SECONDS = 60.0
ERRORS_IN_WINDOW = 5  # of the channel itself: credentials, sender
ERRORS_IN_A_ROW = 5  # of the network or the server, with no answer in between
OPEN_SECONDS = 60.0


class Breaker:
    """Counts what the channel answers; `room` says how many calls may be under way."""

    def __init__(self) -> None:
        self._channel_errors: deque[float] = deque()
        self._in_a_row = 0
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Also while one call looks whether the channel is back."""
        return self._open_until is not None

    def answered(self) -> bool:
        """The channel works. True when that is news."""
        was_open, self._open_until, self._in_a_row = self.is_open, None, 0
        if was_open:
            self._channel_errors.clear()
        return was_open

    def failed(self, now: float, *, is_channel: bool) -> bool:
        """True when this failure opens it (again)."""
        self._in_a_row += 1
        if is_channel:
            self._channel_errors.append(now)
            while self._channel_errors[0] <= now - WINDOW_SECONDS:
                self._channel_errors.popleft()
        if self._open_until is not None and now < self._open_until:
            return False  # calls that were under way when it opened
        is_full = len(self._channel_errors) >= ERRORS_IN_WINDOW or self._in_a_row >= ERRORS_IN_A_ROW
        if is_full or self._open_until is not None:
            self._open_until = now + OPEN_SECONDS
            return True
        return False

    def room(self, now: float, most: int) -> int:
        if self._open_until is None:
            return most
        return 0 if now < self._open_until else 1
