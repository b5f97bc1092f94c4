"""Who uploads belong to."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from open_event_uploads.models.base import Base, Id, new_id


class User(Base):
    """One person or program."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
