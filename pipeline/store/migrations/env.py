"""Alembic's entry: runs the migrations in the transaction that `pipeline.store.open` has begun.

A new migration is written by hand as `versions/000N_what.py`; then `pipeline.store.schema.REVISION` follows.
"""

from alembic import context

from pipeline.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
