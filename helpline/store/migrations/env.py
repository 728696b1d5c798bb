"""Alembic runs this. It is given an open connection by `helpline.store.migrate`; there is no ini file."""

from alembic import context

from helpline.store.rota_tables import Rotation

connection = context.config.attributes["connection"]
# All tables share one: whoever imports the rota's has the others, too.
context.configure(connection=connection, target_metadata=Rotation.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
