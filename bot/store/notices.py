"""Promises: what must reach a person or a group, and what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime

# Conditions of partial indexes: SQLite uses such an index only for a query that says the same words, so they are said
# from here. Warnings are apart: a million of them, paused or not, must not lie in the way of an answer.
TO_PERSON = "kind = 'warning' AND resident_id IS NOT NULL"
TO_GROUP = "kind = 'warning' AND chat_id IS NOT NULL"
DUE_WARNING = "state = 'due' AND kind = 'warning'"
DUE_WORD = "state = 'due' AND kind <> 'warning'"
OPEN_WORD = "state IN ('due', 'sending') AND kind <> 'warning'"
MISSED_WARNING = "state IN ('failed', 'skipped', 'expired') AND kind = 'warning'"
DOUBTED_WARNING = "state = 'unknown' AND kind = 'warning'"
CHANGE_OF_WARNING = "kind = 'warning_change'"
OF_WARNING = "warning_id IS NOT NULL AND kind <> 'warning'"

FORMER_LANGUAGE = -1  # in place of a change's number: it left in a language he does not read any more


def named(condition: str, table: str = "notices") -> TextClause:
    """A partial index's own words, its columns as those of `notices`, or an alias of it, beside other tables."""
    for column in ("state", "kind", "resident_id", "chat_id", "warning_id"):
        condition = condition.replace(f"{column} ", f"{table}.{column} ")
    return text(condition)


class Notice(Base):
    """One promise to one recipient: a resident, a group, or the hidden sender of a tip (through the vault)."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN resident_id IS NULL THEN 0 ELSE 1 END + CASE WHEN chat_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN vault_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_recipient",
        ),
        Index("uq_notices_warning_resident", "warning_id", "resident_id", unique=True,
              sqlite_where=text(TO_PERSON), postgresql_where=text(TO_PERSON)),
        Index("uq_notices_warning_chat", "warning_id", "chat_id", unique=True,
              sqlite_where=text(TO_GROUP), postgresql_where=text(TO_GROUP)),
        Index("ix_notices_due", "messenger", "lane", "due_at", "id",
              sqlite_where=text(DUE_WORD), postgresql_where=text(DUE_WORD)),
        Index("ix_notices_warning_due", "warning_id", "messenger", "due_at", "id",
              sqlite_where=text(DUE_WARNING), postgresql_where=text(DUE_WARNING)),
        Index("ix_notices_missed", "warning_id",
              sqlite_where=text(MISSED_WARNING), postgresql_where=text(MISSED_WARNING)),
        Index("ix_notices_doubted", "warning_id",
              sqlite_where=text(DOUBTED_WARNING), postgresql_where=text(DOUBTED_WARNING)),
        Index("ix_notices_changes", "warning_id", "talk", "part_id", "state",
              sqlite_where=text(CHANGE_OF_WARNING), postgresql_where=text(CHANGE_OF_WARNING)),
        Index("ix_notices_of_warning", "warning_id", "kind", "part_id", "state",
              sqlite_where=text(OF_WARNING), postgresql_where=text(OF_WARNING)),
        Index("ix_notices_leased", "lease_until",
              sqlite_where=text("state = 'sending'"), postgresql_where=text("state = 'sending'")),
        Index("ix_notices_talk", "talk", "id",
              sqlite_where=text(OPEN_WORD), postgresql_where=text(OPEN_WORD)),
        Index("ix_notices_chat_sent", "chat_id", "sent_at",
              sqlite_where=text("chat_id IS NOT NULL"), postgresql_where=text("chat_id IS NOT NULL")),
        Index("ix_notices_ref", "ref", sqlite_where=text("ref IS NOT NULL"), postgresql_where=text("ref IS NOT NULL")),
        Index("ix_notices_tip", "tip_id", sqlite_where=text("tip_id IS NOT NULL"),
              postgresql_where=text("tip_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    messenger: Mapped[str] = mapped_column(String(10))
    lane: Mapped[int]
    talk: Mapped[int] = mapped_column(BIGINT)  # notices of one talk go in order
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), type_=BIGINT)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"), type_=BIGINT)
    vault_id: Mapped[int | None] = mapped_column(BIGINT)
    warning_id: Mapped[int | None] = mapped_column(BIGINT)
    tip_id: Mapped[int | None] = mapped_column(BIGINT)
    part_id: Mapped[int | None] = mapped_column(BIGINT)  # of a warning: the change whose text left with it
    seal_id: Mapped[int | None] = mapped_column(BIGINT)  # the facts' seal is bound to it
    facts_sealed: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ref: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # fingerprint of the provider's message id
    message_sealed: Mapped[bytes | None]  # the provider's message id itself, for edits
    error: Mapped[str] = mapped_column(String(40), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __seal_by__ = "seal_id"
    facts = Sealed[dict[str, object]]()
    message = Sealed[str]()
