"""Web addresses that cannot be tapped: a warning names a fraudster's site, and who reads it must not land there.

Messengers make a link of whatever looks like an address, also without `https://`. A defanged one is written as the
field writes it, `eg0v-kz[.]top`: https://datatracker.ietf.org/doc/html/draft-grimminck-safe-ioc-sharing.
"""

import re
from collections.abc import Collection, Iterator

from bot.i18n import Bilingual

OFFICIAL = ("gov.kz", "egov.kz")  # of the state: what stands under them may be tapped
_FILES = frozenset({"apk", "pdf", "doc", "docx", "xls", "xlsx", "jpg", "jpeg", "png", "mp4", "exe", "rar"})
_ADDRESS = re.compile(
    r"(?<![\w@.=/-])(?:https?://)?"
    r"(?P<host>(?:[\w-]+\.)+(?P<top>[a-z]{2,}|xn--[\w-]+|рф|қаз|рус|бел)|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w@.])@[a-z]\w{4,31}", re.IGNORECASE)  # a user, bot or channel of Telegram


def tappable(text: str) -> tuple[str, ...]:
    """The sites and names in it that a messenger makes links of, each once."""
    sites = [match["host"].casefold() for match in _sites(text)]
    return tuple(dict.fromkeys([*sites, *(name.casefold() for name in _NAME.findall(text))]))


def defang(text: str, keep: Collection[str] = ()) -> str:
    """The same text, its sites and names untappable but for those of the state and those of `keep`, see `tappable`."""
    for match in reversed(list(_sites(text))):
        host = match["host"]
        if not _is_official(host) and host.casefold() not in keep:
            text = text[: match.start()] + host.replace(".", "[.]") + text[match.end() :]
    return _NAME.sub(lambda match: match[0] if match[0].casefold() in keep else f"[@]{match[0][1:]}", text)


def links_in(text: Bilingual) -> list[str]:
    """What `defang` would change in it, in either language."""
    found = dict.fromkeys([*tappable(text.kk), *tappable(text.ru)])
    return [one for one in found if defang(one) != one]


def _sites(text: str) -> Iterator[re.Match[str]]:
    """A file's name has a dot as well."""
    for match in _ADDRESS.finditer(text):
        if "://" in match[0] or (match["top"] or "").casefold() not in _FILES:
            yield match


def _is_official(host: str) -> bool:
    return any(host.casefold() == one or host.casefold().endswith(f".{one}") for one in OFFICIAL)
