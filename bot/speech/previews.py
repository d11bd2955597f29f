"""What a draft will look like on each messenger, whom it would reach now, and what speaks against sending it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.defang import defang, links_in
from bot.errors import N_, FileNotTaken
from bot.i18n import Bilingual, _, ngettext
from bot.patterns import KAZAKH
from bot.services.notices import Promise, Recipient
from bot.services.residents import Person
from bot.services.templates import TemplateView
from bot.services.unit import Unit
from bot.services.warnings import LASTS, WEEKLY_MOST, Audience
from bot.speech import Choice, Reply, choose
from bot.speech.aiming import audience_words
from bot.speech.calls import Plan, Warn
from bot.speech.cards import reach_words
from bot.speech.drafts import text_of, words_of
from bot.speech.houses import houses_lines
from bot.speech.notices import one_line
from bot.speech.published import warning_text
from bot.speech.reviews import holds_until
from bot.terms import Lane, Language, Messenger, NoticeKind

NOT_TAKEN = ("refused", "lost")  # a file that is not here, or that nobody may get
CODE_SHOWN = "ABC234"  # of a draft, which has no code yet
UNCHECKED = {
    Language.KK: N_(
        "WhatsApp has not said yet whether the Kazakh template is approved. Until it does these wait: {people}."
    ),
    Language.RU: N_(
        "WhatsApp has not said yet whether the Russian template is approved. Until it does these wait: {people}."
    ),
}
NO_TEMPLATE = {
    Language.KK: N_("WhatsApp: no approved template in Kazakh. Without it these get nothing: {people}."),
    Language.RU: N_("WhatsApp: no approved template in Russian. Without it these get nothing: {people}."),
}


async def preview(unit: Unit, person: Person, form: Mapping[str, Any], then: Reply, code: str = "") -> Reply:
    """Both versions as a resident gets them, then the check."""
    media_id = await shown_file(unit, person, form.get("media"))
    text = text_of(form)
    russian = Reply(warning_text(text, code, Language.RU), media_id=media_id, then=then)
    return Reply(warning_text(text, code, Language.KK), media_id=media_id, then=russian)


async def shown_file(unit: Unit, person: Person, media_id: int | None) -> int | None:
    media = await unit.shelf.get(media_id) if media_id else None
    if media is None or media.state in NOT_TAKEN:
        return None
    if person.messenger is Messenger.WHATSAPP and media.state != "stored":
        return None  # Twilio fetches it from us, and it is still on its way here
    return media_id


async def elsewhere(unit: Unit, person: Person, form: Mapping[str, Any], then: Reply) -> Reply:
    """In a group, and on WhatsApp when nobody has written for a day: there the words stand in an approved template."""
    text, media_id = text_of(form), await shown_file(unit, person, form.get("media"))
    reply = then
    for language in (Language.RU, Language.KK):
        template = await unit.templates.known(NoticeKind.WARNING, language)
        reply = Reply(template_words(template, text.of(language)), then=reply)
    group = "\n\n".join([_("In group chats, both languages in one message:"), warning_text(text, "", None)])
    return Reply(group, media_id=media_id, then=reply)


ENOUGH_LETTERS = 40  # a Kazakh sentence of this length has at least one of its own letters
_LETTER = re.compile(r"[^\W\d_]")


def template_words(template: TemplateView | None, text: str) -> str:
    """The whole of the approved text with the warning's words in it, as it comes out of WhatsApp."""
    if template is None or (template.is_checked and not template.is_usable):
        return _("On WhatsApp, to who has not written to us for a day: nothing, there is no approved template.")
    facts = {"text": one_line(text), "code": CODE_SHOWN}
    shown = template.filled(facts) or facts["text"]
    if not template.is_usable:
        return _(
            "On WhatsApp, to who has not written to us for a day: nothing yet, WhatsApp has not said whether the"
            " template is approved. Then:\n\n{text}",
            text=shown,
        )
    return _(
        "On WhatsApp, to who has not written to us for a day (approved template, without a file):\n\n{text}", text=shown
    )


async def to_own_phone(unit: Unit, person: Person, form: Mapping[str, Any]) -> None:
    """As the courier carries it, to its author alone, and marked."""
    text, to = text_of(form), Recipient(resident_id=person.id)
    media_id = await shown_file(unit, person, form.get("media"))
    mark = _("🔎 A preview: nobody but you gets this message.")
    for language in Language:
        words = "\n\n".join([mark, warning_text(text, "", language)])
        facts = Reply(words, media_id=media_id).as_facts()
        await unit.notices.promise(Promise(NoticeKind.LATE_REPLY, to, Lane.ANSWER, facts=facts))


def check_head(form: Mapping[str, Any]) -> list[str]:
    lines = [
        _(
            "Please check the two texts above. Each resident gets one in their language, groups get both."
            " A code is added that proves the warning genuine."
        )
    ]
    if form.get("media"):
        lines.append(_("With a file."))
    if sites := links_in(words_of(form)):
        lines.append(tap_words(sites, may=bool(form.get("taps"))))
    if doubt := language_doubt(text_of(form)):
        lines.append(f"⚠️ {doubt}")
    return lines


def tap_words(sites: Sequence[str], *, may: bool) -> str:
    """A site named in a warning is a fraudster's, as a rule: a tap must not lead there."""
    names = ", ".join(sites if may else map(defang, sites))
    if may:
        return _("⚠️ A tap on these in the text opens them: {names}. Are they not the fraudsters'?", names=names)
    return _("These in the text cannot be opened by a tap: {names}.", names=names)


def tap_lines(text: Bilingual) -> list[str]:
    """Of a text as it goes: what its author lets be opened, for who decides on it."""
    sites = links_in(text)
    return [tap_words(sites, may=True)] if sites else []


def tap_choice(form: Mapping[str, Any], call: type[Warn] | type[Plan]) -> list[list[Choice]]:
    """A row for the check, where there is something to tap."""
    if not links_in(words_of(form)):
        return []
    if form.get("taps"):
        return [[choose("A tap shall not open the sites", call(do="untap"))]]
    return [[choose("A tap shall open the sites: they are ours", call(do="tap"))]]


def language_doubt(text: Bilingual) -> str:
    """Empty, or why one of the two texts seems to be in the other's language: people would get it so."""
    if text.kk.split() == text.ru.split():
        return _("Both texts are the same. Write each in its own language.")
    has_kazakh = KAZAKH.search(text.kk) is not None
    if not has_kazakh and len(_LETTER.findall(text.kk)) >= ENOUGH_LETTERS:
        return _("The Kazakh text has none of the letters that only Kazakh has. Is it in Russian?")
    if len(KAZAKH.findall(text.ru)) * 20 > len(_LETTER.findall(text.ru)):
        return _("The Russian text has many Kazakh letters. Is it in Kazakh?")
    return ""


async def audience_lines(unit: Unit, audience: Audience, topic: str, media_id: int | None = None) -> list[str]:
    """Whom, how many, who cannot be reached, what fits WhatsApp's day, and how often the groups were warned lately."""
    reach = await unit.warnings.reach(audience, topic)
    lines = [_("Audience: {audience}", audience=await audience_words(unit, audience, topic))]
    lines += [_("It will reach:"), reach_words(reach), *houses_lines(reach, audience)]
    outside = sum(reach.outside.values())
    if reach.whatsapp:
        fits = await unit.deliveries.fits_today()
        if outside and fits is not None:
            lines.append(
                _(
                    "WhatsApp: {outside} have not written to us for a day, {fits} of such people fit today. The rest"
                    " get it on the next days.",
                    outside=outside,
                    fits=fits,
                )
                if outside > fits
                else _("WhatsApp: {outside} have not written to us for a day, all of them fit today.", outside=outside)
            )
        for language, msgid in NO_TEMPLATE.items():
            if audience.languages and language not in audience.languages:
                continue
            template = await unit.templates.known(NoticeKind.WARNING, language)
            if template is None or not template.is_usable:
                people = ngettext("{n} person", "{n} people", reach.outside.get(language, 0))
                words = msgid if template is None or template.is_checked else UNCHECKED[language]
                lines.append(f"⚠️ {_(words, people=people)}")
    media = await unit.shelf.get(media_id) if media_id else None
    if media is not None and media.state in NOT_TAKEN:
        lines.append(f"⚠️ {_(FileNotTaken.msgid)}")
    return lines + await weekly_lines(unit, audience)


async def weekly_lines(unit: Unit, audience: Audience) -> list[str]:
    """A few warnings a week are read, more are not."""
    weekly = await unit.warnings.weekly(audience)
    if not weekly.most:
        return []
    n = weekly.most
    words = ngettext(
        "In the last seven days “{title}” has got {n} warning.",
        "In the last seven days “{title}” has got {n} warnings.",
        n,
        title=weekly.busiest,
    )
    if not weekly.over:
        return [words]
    much = ngettext(
        "⚠️ This would be more than {most} a week for {n} group: people stop reading. Can it wait or reach fewer?",
        "⚠️ This would be more than {most} a week for {n} groups: people stop reading. Can it wait or reach fewer?",
        weekly.over,
        most=WEEKLY_MOST,
    )
    return [words, much]


async def sender_lines(unit: Unit, author_id: int, reader: Person) -> list[str]:
    """Whoever sends much is told so, and so is whoever may approve it."""
    n = await unit.warnings.sent_by(author_id)
    if n < WEEKLY_MOST:
        return []
    if reader.officer is not None and reader.officer.id == author_id:
        words = ngettext(
            "⚠️ You have sent {n} warning in the last seven days. People read a few a week: can this one wait?",
            "⚠️ You have sent {n} warnings in the last seven days. People read a few a week: can this one wait?",
            n,
        )
    else:
        words = ngettext(
            "⚠️ Its author has sent {n} warning in the last seven days. People read a few a week.",
            "⚠️ Its author has sent {n} warnings in the last seven days. People read a few a week.",
            n,
        )
    return [words]


def frequency_lines(days: int) -> list[str]:
    """Of a campaign that alone is as much as people read in a week."""
    if days < WEEKLY_MOST:
        return []
    return [
        ngettext(
            "⚠️ This campaign alone is {n} warning a week. People read a few a week: would fewer days do?",
            "⚠️ This campaign alone is {n} warnings a week. People read a few a week: would fewer days do?",
            days,
        )
    ]


# -- how long it holds


def expiry_of(unit: Unit, form: Mapping[str, Any]) -> datetime | None:
    """Days from now, or the end of a day on the department's wall; None: as long as usual."""
    lasts = form.get("lasts", "")
    if not lasts:
        return None
    if lasts.isdecimal():
        return unit.clock.now() + timedelta(days=int(lasts))
    end = datetime.combine(date.fromisoformat(lasts) + timedelta(days=1), time(), unit.zone)
    return end.astimezone(unit.clock.now().tzinfo)


def last_day(unit: Unit, expires_at: datetime | None) -> str:
    """The other way round, for a draft that is opened again; empty when that day is over."""
    if expires_at is None or expires_at <= unit.clock.now():
        return ""
    return (expires_at.astimezone(unit.zone) - timedelta(seconds=1)).date().isoformat()


def expiry_words(unit: Unit, form: Mapping[str, Any]) -> str:
    until = expiry_of(unit, form) or unit.warnings.goes_at(is_urgent=bool(form.get("reason"))) + LASTS
    return holds_until(until, unit.zone)
