"""Files for Twilio: by a signed address, for two hours."""

import hashlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from bot.files import LINK_LASTS
from bot.services.media import MediaDraft
from bot.terms import Messenger, PartKind
from tests.clocks import FakeClock
from tests.stage import PNG
from tests.web.conftest import PUBLIC, Site


async def shelved(site: Site) -> str:
    """A stored picture; the path of its address."""

    async def chunks() -> AsyncIterator[bytes]:
        yield PNG

    digest, size = await site.files.keep(chunks(), 1000)
    assert digest == hashlib.sha256(PNG).digest()
    async with site.units() as unit:
        media_id = unit.shelf.want(Messenger.TELEGRAM, MediaDraft(PartKind.PHOTO, "file-1"))
        await unit.flush()
        await unit.shelf.stored(media_id, digest, size, "image/png")
    link = site.files.public_link(media_id)
    assert link is not None
    assert link.startswith(PUBLIC)
    return urlsplit(link).path


async def status(site: Site, path: str) -> int:
    async with site.client("3.120.0.1") as client:
        return (await client.get(path)).status_code


async def test_the_signed_address_serves_the_file(site: Site) -> None:
    path = await shelved(site)
    async with site.client("3.120.0.1") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]


async def test_after_two_hours_it_is_gone(site: Site, clock: FakeClock) -> None:
    path = await shelved(site)
    await clock.advance(LINK_LASTS.total_seconds())
    assert await status(site, path) == 200
    await clock.advance(1)
    assert await status(site, path) == 404


async def test_a_forged_address_finds_nothing(site: Site) -> None:
    path = await shelved(site)
    _, media, media_id, until, signature = path.split("/")
    for forged in (
        f"/{media}/{int(media_id) + 1}/{until}/{signature}",
        f"/{media}/{media_id}/{int(until) + 3600}/{signature}",
        f"/{media}/{media_id}/{until}/{signature[:-1]}",
        f"/{media}/{media_id}/{until}/{signature[::-1]}",
        f"/{media}/{media_id}/{until}/%D0%BA%D0%BE%D0%B4",
        f"/{media}/{media_id}/{until}/x",
        f"/{media}/{'9' * 30}/{until}/{signature}",
        f"/{media}/{media_id}/{until}",
        f"/{media}/..%2f..%2fkorshi.db",
    ):
        assert await status(site, forged) in (404, 422), forged


async def test_a_file_that_is_not_on_the_shelf_is_not_found(site: Site) -> None:
    path = await shelved(site)
    for file in site.files.path(hashlib.sha256(PNG).digest()).parent.iterdir():
        file.unlink()
    assert await status(site, path) == 404
