"""Alembic runs this. It is given an open connection by `helpline.store.migrate`; there is no ini file."""

from alembic import context

from helpline.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
