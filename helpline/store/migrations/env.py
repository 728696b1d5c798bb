"""Alembic runs this. It is given an open connection by `helpline.store.migrate`; there is no ini file."""

from alembic import context

from helpline.store import account_tables, directory_tables, figure_tables, rota_tables

METADATA = {each.Base.metadata for each in (account_tables, directory_tables, figure_tables, rota_tables)}.pop()
connection = context.config.attributes["connection"]
# All tables share one `MetaData`: that of each file is that of all, once they are imported.
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
