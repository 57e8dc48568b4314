"""The archive's database: schema, migrations, ledger, results, queries and people's labels. Nobody else writes SQL.

`open.py` opens it, `ledger.py` and `results.py` write it, `labels.py` keeps people's words beside the machine's,
`queries.py` answers questions. `result.py` holds what they take, without SQLAlchemy.
"""
