"""«Бұл менің инспекторым ба?»: yes, no, careful; in both messengers and languages."""

import base64

import pytest
from sqlalchemy import update

from bot.speech.calls import Open
from bot.store.audit import AuditEntry
from bot.store.inbox import InboxItem
from bot.store.media import Media
from bot.store.officers import Officer
from bot.store.talks import Talk
from bot.store.tips import Tip, TipPart
from tests.conversations import in_both_languages, on_every_messenger
from tests.conversations.journeys import resident, rows, state_of, tells
from tests.stage import Person, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

ASK = (
    "Write the name or the phone number of the person who says he is an inspector. A photo of the identity card is"
    " not needed."
)
YES = (
    "This is in the register. It belongs to: {officer}.\nBut a caller's number can be forged, and anybody can say"
    " somebody else's badge or name. The police do not ask for money, codes or card details. If in doubt, call 102"
    " and check."
)
NAMED = (
    "Such an inspector is in the register: {officer}.\nBut a fraudster may use this name. An inspector does not"
    " ask for money, codes or card details. If in doubt, call 102 and check."
)
OFFICER = (
    "Such a police officer is in the register: {officer}.\nBut a fraudster may use this name. The police do"
    " not ask for money, codes or card details. If in doubt, call 102 and check."
)
SIMILAR = (
    "⚠️ Be careful: there is an inspector with a similar name, but it does not match exactly. Fraudsters may"
    " deceive in this way. Call 102 and check."
)
NO = (
    "❌ There is no such inspector in the register. Stop the conversation, give no money, tell no code. Call 102"
    " and check."
)
UNCLEAR = "This is too little to check. Write the whole number, or the name and the surname."
MINE = "This is the inspector of your precinct."
INSTEAD = "This officer works instead of the inspector of your precinct now."
OTHER = "This is not the inspector of your precinct. Precinct of this inspector: {area}."
UNREAD = "This contact card could not be read. Write the number that stands in it."
NAME = {"kk": "Ерлан Шалқаров", "ru": "Ерлан Шалкаров"}  # of precinct 104
PHONE = "+7 700 000 01 04"


async def asks(stage: Stage, messenger: str, language: str = "ru", precinct: str = "104") -> Person:
    person = await resident(stage, messenger, language, precinct=precinct)
    await person.says("/inspector")
    await person.picks("Is this my inspector?")
    assert person.heard(ASK)
    return person


@on_every_messenger
@in_both_languages
async def test_a_phone_a_name_and_near_misses(stage: Stage, messenger: str, language: str) -> None:
    person = await asks(stage, messenger, language)
    await person.says("8 (700) 000-01-04")
    assert person.heard(YES)
    assert person.heard(MINE)
    assert any(NAME[language] in text for text in person.said)
    for words, answer in (("8 700 000 01 05 ", YES), ("+7 700 000 01 94", NO), (NAME[language], NAMED),
                          ("Ерлан Шалкарев", SIMILAR), ("Erlan Shalkarov", SIMILAR), ("Иван Петров", NO),
                          ("Дәурен Төбебаев", OFFICER), ("A-1004", YES), ("Б-1004", SIMILAR), ("12", UNCLEAR)):  # fmt: skip
        await person.says(words)
        assert person.heard(answer), words
        if answer is not YES:
            assert person.did_not_hear(YES)
        if answer in (SIMILAR, NO, UNCLEAR):  # whom it resembles is nobody's business, least of all his number
            assert not any(name in text for text in person.said for name in NAME.values())
        assert not any(PHONE in text or "0104" in text for text in person.said)


async def test_the_inspector_of_another_precinct_is_told_as_such(stage: Stage) -> None:
    person = await asks(stage, "telegram", precinct="103")
    await person.says(PHONE)
    assert person.heard(YES)
    assert person.heard(OTHER)


@on_every_messenger
async def test_who_works_instead_of_the_inspector_is_no_stranger(stage: Stage, messenger: str) -> None:
    """A-1008 of precinct 204 is off in the demo department, A-1007 of 203 works instead."""
    person = await asks(stage, messenger, precinct="204")
    await person.says("+7 700 000 01 07")
    assert person.heard(YES)
    assert person.heard(INSTEAD)
    assert person.did_not_hear(OTHER)
    await person.says("+7 700 000 01 08")
    assert person.heard(MINE)
    await person.says("+7 700 000 01 04")
    assert person.heard(OTHER)
    assert person.did_not_hear(INSTEAD)


async def test_contacts_and_forwarded_messages(stage: Stage) -> None:
    person = await asks(stage, "telegram")
    await person.sends("contact", phone_number=PHONE, first_name="Участковый")
    assert person.heard(YES)
    await person.sends("contact", phone_number="+77000000194", first_name="Ерлан", last_name="Шалкаров")
    assert person.heard(SIMILAR)
    await person.sends("contact", phone_number=PHONE, first_name="Ерлан", user_id=999_001)
    assert person.heard(SIMILAR)
    await person.says("Срочно переведите деньги", forward_from={"user_id": 2004, "first_name": "Е."})
    assert person.heard(YES)
    await person.says("Это ваш участковый", forward_from={"user_id": 999_001, "first_name": "Ерлан Шалкаров"})
    assert person.heard(SIMILAR)
    await person.says("Это ваш участковый", forward_from={"hidden_name": "Ерлан Шалкаров"})
    assert person.heard(NAMED)
    await person.says(f"Мой номер {PHONE}", forward_from={"hidden_name": "Гость"})
    assert person.heard(NO)
    await person.says(PHONE, forward_from={"chat": {"title": "Полиция"}})
    assert person.heard(ASK)


def vcard(*lines: str) -> dict[str, str]:
    text = "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""))
    return {"content": base64.b64encode(text.encode()).decode(), "mime": "text/x-vcard", "file_name": "contact.vcf"}


@in_both_languages
async def test_a_contact_card_on_whatsapp(stage: Stage, language: str) -> None:
    """As in Telegram; a card with a second number is no proof, and nothing of it is kept."""
    person = await asks(stage, "whatsapp", language)
    before = [len(await rows(stage, table)) for table in (Tip, TipPart, Media)]
    await person.sends("contact", phone_number=PHONE, first_name="Участковый")
    assert person.heard(YES)
    assert person.heard(MINE)
    await person.sends("contact", phone_number="+77000000194", first_name=NAME[language])
    assert person.heard(SIMILAR)
    await person.sends("contact", phone_number="+77000000194", first_name="Такси")
    assert person.heard(NO)
    for lines, answer in (
        ((f"TEL:{PHONE}", "TEL:+7 999 000 00 00"), SIMILAR), ((f"TEL;waid=79990000000:{PHONE}",), SIMILAR),
        ((f"FN:{NAME[language]}",), NAMED), (("NOTE:102",), UNREAD), (("PHOTO:" + "A" * 400_000, f"TEL:{PHONE}"), UNREAD),
    ):  # fmt: skip
        await person.sends("document", **vcard(*lines))
        assert person.heard(answer), lines[0][:80]
    assert await state_of(person) == "RegisterForm:asking"
    assert [len(await rows(stage, table)) for table in (Tip, TipPart, Media)] == before
    assert not [item for item in await rows(stage, InboxItem) if item.payload_sealed is not None]
    assert not [talk for talk in await rows(stage, Talk, Talk.state == "RegisterForm:asking") if talk.form]


async def test_a_card_file_on_telegram(stage: Stage) -> None:
    person = await asks(stage, "telegram")
    await person.sends("document", **vcard(f"TEL:{PHONE}", "FN:Ерлан"))
    assert person.heard(YES)


async def test_a_name_at_telegram(stage: Stage) -> None:
    async with stage.app.units() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == "A-1004").values(username="erlan_ucp104"))
    person = await asks(stage, "telegram")
    for words, answer in (("@Erlan_UCP104", YES), ("t.me/erlan_ucp104", YES), ("@erIan_ucp104", SIMILAR),
                          ("@erlan_ucp1O4", SIMILAR), ("@еrlan_ucp104", SIMILAR), ("@erlanucp104", SIMILAR),
                          ("@some_other_name", NO)):  # fmt: skip
        await person.says(words)
        assert person.heard(answer), words


@on_every_messenger
async def test_nothing_that_was_asked_is_kept(stage: Stage, messenger: str) -> None:
    person = await asks(stage, messenger)
    before = [len(await rows(stage, table)) for table in (Tip, TipPart, Media, AuditEntry)]
    await person.says("+7 700 000 01 94")
    await person.says("Иван Петров")
    assert await state_of(person) == "RegisterForm:asking"
    assert [len(await rows(stage, table)) for table in (Tip, TipPart, Media, AuditEntry)] == before
    assert not [item for item in await rows(stage, InboxItem) if item.payload_sealed is not None]
    assert not [talk for talk in await rows(stage, Talk, Talk.state == "RegisterForm:asking") if talk.form]


@on_every_messenger
async def test_other_kinds_ask_again_and_the_menu_leaves(stage: Stage, messenger: str) -> None:
    person = await asks(stage, messenger)
    await person.sends("photo")
    assert person.heard(ASK)
    await person.picks("Menu")
    assert await state_of(person) is None


async def test_a_tip_that_is_being_written_is_not_dropped(stage: Stage) -> None:
    person = await resident(stage)
    await tells(person)
    await person.forges(Open(what="register").pack())
    assert person.heard("First finish the tip you are writing, or choose “Cancel”.")
    assert await state_of(person) == "TipForm:place"


async def test_who_has_left_is_not_in_the_register(stage: Stage) -> None:
    async with stage.app.units() as unit:
        await unit._session.execute(update(Officer).where(Officer.badge == "A-1018").values(is_active=False))
    try:
        person = await asks(stage, "telegram")
        for words in ("A-1018", "Жанар Жидебаева", "+7 700 000 01 18"):
            await person.says(words)
            assert person.did_not_hear(YES)
    finally:
        async with stage.app.units() as unit:
            await unit._session.execute(update(Officer).where(Officer.badge == "A-1018").values(is_active=True))
