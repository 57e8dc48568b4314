"""How results are shown: as a table for people, as JSON or CSV for programs."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.exchange.table import no_formula
from pipeline.store.rows import as_json

# Names of places, files and animals are people's own: square brackets in them are no markup.
console = Console(soft_wrap=False, markup=False)
err_console = Console(stderr=True, markup=False)


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json_text(value))


def json_text(value: object) -> str:
    """A value as JSON, with a line break at its end."""
    return json.dumps(as_json(value), indent=1, ensure_ascii=False) + "\n"


def print_csv(rows: Sequence[Mapping[str, object]], header: Sequence[str]) -> None:
    """Print rows as CSV on standard output; no cell is a formula to a spreadsheet."""
    table = csv.DictWriter(sys.stdout, header, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows({name: no_formula(cell) for name, cell in row.items()} for row in rows)


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as a table, numbers to the right; whole lines when the output is no terminal."""
    table = Table(title=Text(title, style="table.title"), title_justify="left", header_style="bold")
    numeric = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]
    for name, is_numeric in zip(header, numeric, strict=True):
        table.add_column(Text(name), justify="right" if is_numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:.2f}" if isinstance(cell, float) else str(cell)) for cell in row))
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=250).print(table)


def show(
    title: str, row_type: type[Any], rows: Sequence[object], columns: Sequence[str], *, as_json_: bool, as_csv: bool
) -> None:
    """Show rows of one kind the way the user asked for.

    Args:
        title: of the table for people.
        row_type: the dataclass of the rows; its fields are CSV's header, also where there is no row.
        rows: of this type.
        columns: fields that people see.
        as_json_: print all fields as JSON.
        as_csv: print all fields as CSV.
    """
    plain = [dict(_fields(row)) for row in rows]
    if as_json_:
        print_json(plain)
    elif as_csv:
        print_csv(
            [{name: _joined(value) for name, value in row.items()} for row in plain],
            [field.name for field in fields(row_type)],
        )
    else:
        cells = [[_cell(row[name]) for name in columns] for row in plain]
        print_table(f"{title}: {len(rows)}", columns, cells)


def _fields(row: object) -> Mapping[str, object]:
    tree = as_json(row)
    if not isinstance(tree, dict):
        raise TypeError(f"{type(row).__name__} is no row")
    return tree


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else _joined(value)


def _joined(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "; ".join(map(str, value)) if isinstance(value, list) else value
