"""What happened to a tip, step by step: who, when, why."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, Sealed, UtcDateTime


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (Index("ix_events_tip", "tip_id", "id"), Index("ix_events_kind_at", "kind", "at"))

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True, autoincrement=False)
    tip_id: Mapped[int] = mapped_column(ForeignKey("tips.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40), default="")  # why it moved: a rule, or a code of handover_reasons
    from_officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    from_desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    to_officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    to_desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    facts_sealed: Mapped[bytes | None]
    facts = Sealed[dict[str, object]]()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
