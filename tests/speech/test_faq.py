"""Frequent questions are found by words in both languages; a tip is not taken for one."""

import tomllib
from pathlib import Path

import pytest

from bot.data import load
from bot.i18n import speaking
from bot.speech.faq import answered_by, entry, faq_answer, faq_list
from bot.terms import Language

SENTENCES = tomllib.loads(
    (Path(__file__).parent.parent / "data" / "suggest_sentences.toml").read_text(encoding="utf-8")
)["sentence"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Когда принимает участковый?", "reception"),
        ("Инспектордың қабылдау уақыты қашан", "reception"),
        ("Как подать заявление в полицию?", "statement"),
        ("Арызды қалай жазуға болады", "statement"),
        ("во сколько нельзя шуметь", "noise"),
        ("Түнгі шу үшін айыппұл қанша?", "fine_noise"),
        ("где оплатить штраф", "fines_pay"),
        ("spravka o nesudimosti kak poluchit", "criminal_record"),
        ("как прописаться в квартире", "registration"),
        ("Құжатымды жоғалттым", "lost_documents"),
        ("нужен бесплатный юрист", "legal_help"),
        ("Тегін заң көмегі керек", "legal_help"),
        ("куда звонить насчёт света", "where_to_go"),
        ("что делать если укусила собака", "bite"),
        ("можно ли вернуть деньги", "fraud_money_back"),
        ("как включить стоп-кредит", "loan"),
        ("это анонимно?", "identity"),
    ],
)
def test_a_question_is_found(said: str, code: str) -> None:
    assert answered_by(said) == code


def test_what_residents_tell_is_not_taken_for_a_question() -> None:
    asked = ("question", "animals")
    wrong = {item["text"]: found for item in SENTENCES
             if item["category"] not in asked and (found := answered_by(item["text"]))}  # fmt: skip
    assert len(wrong) <= 0.02 * len(SENTENCES), wrong


def test_every_entry_is_whole_dated_and_in_both_languages() -> None:
    entries = load("faq")["faq"]
    assert len(entries) >= 12
    assert len({item["code"] for item in entries}) == len(entries)
    for item in entries:
        assert all(item[key].strip() for key in ("kk", "ru", "answer_kk", "answer_ru")), item["code"]
        assert item["checked"].year >= 2026
        assert item["words"]
        for language in Language:
            with speaking(language):
                answer = faq_answer(item["code"])
                assert item[f"answer_{language.value}"] in str(answer.text)
                assert str(item["checked"].year) in str(answer.text)


def test_pages_go_round() -> None:
    assert len(faq_list(0).choices) > 2
    assert faq_list(10_000).choices
    assert entry("no_such") is None


@pytest.mark.parametrize("said", ["", "...", "а" * 5000, "когда " * 900])
def test_any_text_is_survived(said: str) -> None:
    answered_by(said)
