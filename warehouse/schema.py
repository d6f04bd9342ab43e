"""What every table's declaration shares: names of constraints, keys, references."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Cents = BigInteger


def key(name: str) -> Column[int]:
    """A key that the loader allocates in blocks (see :func:`warehouse.database.allocate`)."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def to(column: str, *, index: bool = True, nullable: bool = False) -> Column[int]:
    """A reference to another table's key."""
    return Column(column.split(".")[1], Integer, ForeignKey(column), nullable=nullable, index=index)
