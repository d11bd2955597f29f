"""A copy of a warning is genuine only word for word."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rapidfuzz import fuzz

from bot.i18n import Bilingual
from bot.services.templates import TemplateView, WordedTemplate
from bot.services.warnings import WarningView
from bot.speech.proof import Verdict, claims_to_be_ours, codes_in, prove
from bot.speech.published import change_text, warning_text
from bot.terms import Language, NoticeKind, WarningState

KK = "Алаяқтар банк қызметкері болып қоңырау шалады. Кодты ешкімге айтпаңыз, телефонды қойыңыз."
RU = "Мошенники звонят от имени банка. Никому не называйте код, положите трубку. Подробности: https://polisia.kz"
OURS = WarningView(
    id=1, code="K7MXQ2", author_id=1, text=Bilingual(KK, RU), scheme=None, media_id=None,
    is_urgent=False, state=WarningState.DONE, due_at=None, created_at=datetime(2026, 9, 1, tzinfo=UTC),
)  # fmt: skip
COPY_RU = warning_text(OURS.text, OURS.code, Language.RU)
COPY_KK = warning_text(OURS.text, OURS.code, Language.KK)
BOTH = warning_text(OURS.text, OURS.code, None)


def verdict(text: str) -> Verdict:
    known = [OURS] if OURS.code in codes_in(text) else []
    return prove(text, known, [OURS]).verdict


@pytest.mark.parametrize(
    "text",
    [
        COPY_RU,
        COPY_KK,
        BOTH,
        RU,
        KK,
        f"  {COPY_RU}\n\n",
        COPY_RU.replace("\n\n", "\n"),
        COPY_RU.replace("Мошенники", "*Мошенники*"),
        COPY_RU.replace("Никому", "Никому\u200b"),
    ],
)
def test_a_faithful_copy_is_genuine(text: str) -> None:
    assert verdict(text) is Verdict.GENUINE


@pytest.mark.parametrize(
    "text",
    [
        COPY_RU.replace("polisia.kz", "polisia-kz.com"),
        COPY_RU.replace("положите трубку", "звоните +7 700 000 00 00"),
        f"{COPY_RU}\nПереведите деньги на безопасный счёт",
        COPY_RU.replace("Код: K7MXQ2", "Код: K7MXQ2, звоните 8 700 000 00 00"),
        RU.replace("https://polisia.kz", "https://polisiya.kz"),
        COPY_KK.replace("айтпаңыз", "айтыңыз"),
        f"Совсем другой текст, но с кодом {OURS.code}",
        BOTH.replace("положите трубку", "не кладите трубку"),
    ],
)
def test_a_changed_copy_is_never_genuine(text: str) -> None:
    assert verdict(text) is Verdict.CHANGED


@pytest.mark.parametrize(
    "text",
    [
        "Привет",
        "Полиция просит всех жителей перевести деньги на безопасный счёт по ссылке в этом сообщении",
        "",
        "K7MXQ3",
    ],
)
def test_what_was_never_published_is_not_ours(text: str) -> None:
    assert verdict(text) is Verdict.FOREIGN


def test_a_code_alone_proves_only_that_the_warning_exists() -> None:
    for typed in (
        "K7MXQ2",
        " k7mxq2 ",
        "K7M XQ2",
        "k7 mx q2",
        "К7М-ХQ2",
        "К7МХQ2",
        "к7мхq2",
        "Полицияның ескертуі. Коды: K7MXQ2",
        "Предупреждение полиции. Код: K7MXQ2",
        "Бұл рас па? Коды К7МХQ2",
        "K7MXQ2 это правда?",
        "Код: K7MXQ2.",
    ):
        proof = prove(typed, [OURS], [])
        assert (proof.verdict, proof.code_only) == (Verdict.GENUINE, True)


@pytest.mark.parametrize(
    "text", ["K7MXQ2 звоните 87001112233", "Код K7MXQ2 bit.ly/abc", "Код К7МХQ2: polisia@mail.kz", "K7MXQ2 да/нет"]
)
def test_a_code_with_a_number_or_a_link_beside_it_proves_nothing(text: str) -> None:
    assert verdict(text) is Verdict.CHANGED


def test_a_short_warning_is_compared_word_for_word() -> None:
    short = replace(OURS, text=Bilingual("Судың кранын жабыңыз", "Закройте кран"))
    proof = prove(warning_text(short.text, short.code, Language.RU), [short], [])
    assert (proof.verdict, proof.code_only) == (Verdict.GENUINE, False)


def test_words_and_numbers_are_no_codes() -> None:
    assert codes_in("ПОЛИЦИЯ URGENT 234567 квартира 102030 SPASIBO") == ["URGENT"]
    assert codes_in("звоните 87000000") == []


def test_the_corrected_text_is_genuine_too() -> None:
    corrected = replace(OURS, correction=Bilingual("Түзетілген мәтін", "Исправленный текст"), change=1)
    text = warning_text(corrected.correction or OURS.text, OURS.code, Language.RU)
    assert prove(text, [corrected], []).verdict is Verdict.GENUINE


def test_every_text_that_held_once_is_out_of_date_and_ours() -> None:
    older, now = Bilingual(f"{KK} Бірінші.", f"{RU} Первая правка."), Bilingual(f"{KK} Екінші.", f"{RU} Вторая правка.")
    corrected = replace(OURS, correction=now, change=2, earlier=(older,), corrected_at=datetime(2026, 9, 2, tzinfo=UTC))
    was_then = replace(OURS, correction=older, change=1)
    for known in ([corrected], []):  # by its code, and among the newest
        for text in (COPY_RU, warning_text(older, OURS.code, Language.KK), change_text(was_then, Language.RU)):
            proof = prove(text, known, [corrected])
            assert (proof.verdict, proof.is_outdated) == (Verdict.GENUINE, True)
        for text in (warning_text(now, OURS.code, Language.RU), change_text(corrected, None)):
            proof = prove(text, known, [corrected])
            assert (proof.verdict, proof.is_outdated) == (Verdict.GENUINE, False)
    assert prove(f"{older.ru} http://bank-kz.top", [], [corrected]).verdict is Verdict.CHANGED


def test_a_correction_of_one_language_makes_no_copy_of_the_other_out_of_date() -> None:
    corrected = replace(OURS, correction=Bilingual(f"{KK} Түзетілді.", RU), change=1)
    for known in ([corrected], []):
        for text, is_outdated in ((COPY_RU, False), (RU, False), (COPY_KK, True), (KK, True), (BOTH, True)):
            proof = prove(text, known, [corrected])
            assert (proof.verdict, proof.is_outdated) == (Verdict.GENUINE, is_outdated), text
        changed = COPY_RU.replace("положите трубку", "не кладите трубку")
        assert prove(changed, known, [corrected]).verdict is Verdict.CHANGED


def test_a_group_reads_which_of_the_two_texts_is_corrected() -> None:
    corrected = replace(OURS, correction=Bilingual(f"{KK} Түзетілді.", RU), change=1)
    text = change_text(corrected, None)
    assert "✏️ Түзетілді:" in text
    assert "✏️ Исправлено:" not in text
    assert RU in text
    proof = prove(text, [corrected], [])
    assert (proof.verdict, proof.is_outdated) == (Verdict.GENUINE, False)
    back = replace(OURS, correction=OURS.text, change=2, earlier=(corrected.published,))
    assert "✏️ Исправлено:" in change_text(back, None)
    assert "✏️ Исправлено:" in change_text(corrected, Language.RU)


def test_what_whatsapp_wraps_into_its_template_is_ours_too() -> None:
    body = "Предупреждение полиции: {{1}} Код: {{2}}, его можно проверить."
    of_change = "Изменение: {{1}} Код: {{2}}."
    templates = [
        WordedTemplate(NoticeKind.WARNING, Language.RU, TemplateView("HX1", ("text", "code"), body)),
        WordedTemplate(NoticeKind.WARNING_CHANGE, Language.RU, TemplateView("HX2", ("text", "code"), of_change)),
    ]
    copy = f"Предупреждение полиции: {RU} Код: {OURS.code}, его можно проверить."
    assert prove(copy, [OURS], [], templates).verdict is Verdict.GENUINE
    assert prove(copy, [OURS], []).verdict is Verdict.CHANGED
    assert prove(copy.replace("положите трубку", "перезвоните"), [OURS], [], templates).verdict is Verdict.CHANGED
    corrected = replace(OURS, correction=Bilingual("Түзетілген мәтін", "Исправленный текст"), change=1)
    told = f"Изменение: ✏️ Исправлено: Исправленный текст Код: {OURS.code}."
    proof = prove(told, [corrected], [], templates)
    assert (proof.verdict, proof.is_outdated) == (Verdict.GENUINE, False)
    assert prove(copy, [corrected], [], templates).is_outdated


def test_what_was_corrected_before_it_was_recalled_is_still_ours() -> None:
    now = Bilingual(f"{KK} Екінші.", f"{RU} Вторая правка.")
    corrected = replace(OURS, correction=now, change=1)
    recalled = replace(corrected, change=2, is_recalled=True)
    assert prove(change_text(corrected, Language.RU), [recalled], []).verdict is Verdict.GENUINE


def test_the_line_of_proof_with_a_foreign_code_claims_to_be_ours() -> None:
    assert claims_to_be_ours(COPY_KK.replace("K7MXQ2", "QQQQQQ"))
    assert claims_to_be_ours(COPY_RU)
    assert not claims_to_be_ours("В полицию поступило предупреждение")


def test_most_published_texts_are_not_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forwarded text stands against hundreds of warnings, inside the turn of whoever sent it."""
    compared = Counter[str]()
    ratio = fuzz.ratio

    def counted(said: str, version: str, **more: float) -> float:
        compared[version] += 1
        return float(ratio(said, version, **more))

    monkeypatch.setattr(fuzz, "ratio", counted)
    others = [
        replace(OURS, id=n, code=f"ABCD{n:02}", text=Bilingual(f"Бөтен сөздер {n} " * 9, f"Чужие слова {n} " * 9))
        for n in range(22, 99)
    ]
    changed = RU.replace("положите трубку", "звоните +7 700 000 00 00")
    assert prove(changed, [], [*others, OURS]).verdict is Verdict.CHANGED
    assert sum(compared.values()) < 10
    assert prove(RU, [], [*others, OURS]).verdict is Verdict.GENUINE


@pytest.mark.parametrize("text", ["вор тут", "TEST ME", "СТАРТ А", "12 34 56", "квартира 12"])
def test_two_words_are_no_code(text: str) -> None:
    assert codes_in(text) == []
