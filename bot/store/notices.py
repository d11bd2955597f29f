"""Promises: what must reach a person or a group, and what became of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


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
              sqlite_where=text("warning_id IS NOT NULL AND kind = 'warning'"),
              postgresql_where=text("warning_id IS NOT NULL AND kind = 'warning'")),
        Index("uq_notices_warning_chat", "warning_id", "chat_id", unique=True,
              sqlite_where=text("warning_id IS NOT NULL AND kind = 'warning'"),
              postgresql_where=text("warning_id IS NOT NULL AND kind = 'warning'")),
        Index("ix_notices_due", "messenger", "lane", "due_at", "id",
              sqlite_where=text("state = 'due'"), postgresql_where=text("state = 'due'")),
        Index("ix_notices_leased", "lease_until",
              sqlite_where=text("state = 'sending'"), postgresql_where=text("state = 'sending'")),
        Index("ix_notices_talk", "talk", "id",
              sqlite_where=text("state IN ('due', 'sending')"), postgresql_where=text("state IN ('due', 'sending')")),
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
    part_id: Mapped[int | None] = mapped_column(BIGINT)
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
