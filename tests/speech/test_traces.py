"""Whatever a trace may say has its words, in both languages."""

import inspect
import re

import pytest

from bot.i18n import speaking
from bot.services.warnings import Step, tracing
from bot.speech.traces import STEPS, step_words
from bot.terms import Language, NoticeState

SENT_AS_STEPS = (NoticeState.SENT, NoticeState.DELIVERED)


@pytest.mark.parametrize("language", list(Language))
def test_every_step_is_worded(language: Language) -> None:
    said = set(re.findall(r'Step\("(\w+)"', inspect.getsource(tracing)))
    said |= {"prepared", "change_prepared"} | {state.value for state in NoticeState if state not in SENT_AS_STEPS}
    assert "subscribed" in said
    with speaking(language):
        for what in said:
            words = step_words(Step(what, facts={"reason": "blocked", "messenger": "telegram", "title": "Двор"}))
            assert "{" not in words
            assert words not in STEPS.values()


def test_who_never_wrote_is_not_the_same_as_a_lost_answer() -> None:
    with speaking(Language.RU):
        assert step_words(Step("unknown"), is_known=False) != step_words(Step("unknown"))
