"""Alembic's environment: works on the connection that the caller passes in."""

from __future__ import annotations

from alembic import context

from warehouse.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
