"""A channel that is out is left alone, and looked at by one call a minute."""

from bot.courier.breaker import OPEN_SECONDS, Breaker


def test_five_errors_of_the_channel_in_a_minute_open_it() -> None:
    breaker = Breaker()
    for second in range(4):
        assert not breaker.failed(second, is_channel=True)
        breaker.answered()  # other calls are answered in between
    assert breaker.failed(5, is_channel=True)
    assert breaker.room(5, 8) == breaker.room(5 + OPEN_SECONDS - 0.1, 8) == 0


def test_errors_that_are_older_than_a_minute_do_not_count() -> None:
    breaker = Breaker()
    for minute in range(20):
        assert not breaker.failed(minute * 61.0, is_channel=True)
        breaker.answered()
    assert breaker.room(10_000, 8) == 8


def test_the_servers_own_trouble_opens_it_only_when_nothing_is_answered() -> None:
    breaker = Breaker()
    for second in range(100):  # one call in three fails: the others get through
        assert not breaker.failed(second, is_channel=False)
        breaker.answered()
    opened = [breaker.failed(100 + second, is_channel=False) for second in range(5)]
    assert opened == [False, False, False, False, True]


def test_one_call_looks_whether_it_is_back() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(0, is_channel=False)
    assert not breaker.failed(1, is_channel=False)  # was under way when it opened
    assert breaker.room(OPEN_SECONDS, 8) == 1
    assert breaker.failed(OPEN_SECONDS, is_channel=False)
    assert breaker.room(OPEN_SECONDS + 1, 8) == 0
    assert breaker.room(2 * OPEN_SECONDS, 8) == 1
    assert breaker.answered()
    assert not breaker.is_open
    assert breaker.room(2 * OPEN_SECONDS, 8) == 8
    assert not breaker.answered()
