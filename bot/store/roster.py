"""Who is away, who stands in, who is on watch, and which days and hours the department works."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import BIGINT, Base, UtcDateTime


class Absence(Base):
    """Days an officer does not work, the last one included, and who stands in for him."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("officer_id <> substitute_id", name="not_oneself"),
        Index("ix_absences_days", "first_day", "last_day"),
    )

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"), index=True)
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(20), default="leave")
    set_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))  # empty: a loaded list
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Watch(Base):
    """An officer on duty at a duty queue, from and until a moment: shifts may cross midnight and weekends."""

    __tablename__ = "watches"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="times_in_order"),
        Index("ix_watches_desk", "desk_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BIGINT, primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id", ondelete="CASCADE"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))  # empty: a loaded list


class WorkingDay(Base):
    """The department's week: hours of one weekday (0 is Monday), "09:00". A weekday without a row is a day off."""

    __tablename__ = "working_days"

    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))


class CalendarDay(Base):
    """A date that differs from its weekday: a holiday, or a working Saturday that makes up for one."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_working: Mapped[bool]
    name_kk: Mapped[str] = mapped_column(default="")
    name_ru: Mapped[str] = mapped_column(default="")
    opens: Mapped[str | None] = mapped_column(String(5))
    closes: Mapped[str | None] = mapped_column(String(5))
