"""How results are shown: as a table for people, as JSON or CSV for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.errors import ConfigError
from pipeline.exchange.table import no_formula
from pipeline.plain_text import written_out
from pipeline.store.rows import as_json


class _PlainConsole(Console):
    """Shows text as it is: names of files, places and animals are people's own; they steer no terminal and no Rich."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False)

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(written_out(str(one)) if isinstance(one, str | Path) else one for one in objects), **options)


console = _PlainConsole()
err_console = _PlainConsole(stderr=True)

ROWS_TOGETHER = 1000  # of a table for people: what is laid out, and kept in memory, at once


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    sys.stdout.write(json_text(value))


def json_text(value: object) -> str:
    """A value as JSON, with a line break at its end."""
    return json.dumps(as_json(value), indent=1, ensure_ascii=False) + "\n"


def print_json_list(rows: Iterable[object]) -> None:
    """Print rows on standard output as `print_json` prints a list of them, each as soon as it is there."""
    before, after = "[\n ", "[]\n"
    for row in rows:
        sys.stdout.write(before + json_text(row).rstrip("\n").replace("\n", "\n "))
        before, after = ",\n ", "\n]\n"
    sys.stdout.write(after)


def print_csv(rows: Iterable[Mapping[str, object]], header: Sequence[str]) -> None:
    """Print rows as CSV on standard output, each as soon as it is there; no cell is a formula to a spreadsheet."""
    table = csv.DictWriter(sys.stdout, header, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows({name: no_formula(cell) for name, cell in row.items()} for row in rows)


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as a table, numbers to the right; whole lines when the output is no terminal."""
    table = Table(title=Text(written_out(title), style="table.title"), title_justify="left", header_style="bold")
    numeric = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]
    for name, is_numeric in zip(header, numeric, strict=True):
        table.add_column(Text(written_out(name)), justify="right" if is_numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:.2f}" if isinstance(cell, float) else written_out(str(cell))) for cell in row))
    if console.is_terminal:
        console.print(table)
    else:
        Console(width=250).print(table)


def check_one_form(as_json_: bool, as_csv: bool) -> None:
    """Nobody can print both at once.

    Raises:
        ConfigError: both were asked for.
    """
    if as_json_ and as_csv:
        raise ConfigError("--json and --csv ask for two forms at once; give one of them")


def show(
    title: str, row_type: type[Any], rows: Iterable[object], columns: Sequence[str], *, as_json_: bool, as_csv: bool
) -> None:
    """Show rows of one kind the way the user asked for, as they come: all of them may be more than memory holds.

    Args:
        title: of the table for people, which goes on in another one after every 1,000 rows.
        row_type: the dataclass of the rows; its fields are CSV's header, also where there is no row.
        rows: of this type.
        columns: fields that people see.
        as_json_: print all fields as JSON.
        as_csv: print all fields as CSV.

    Raises:
        ConfigError: both were asked for.
    """
    check_one_form(as_json_, as_csv)
    if as_json_:
        print_json_list(rows)
        return
    plain = (_fields(row) for row in rows)
    if as_csv:
        print_csv(
            ({name: _joined(value) for name, value in row.items()} for row in plain),
            [field.name for field in fields(row_type)],
        )
    else:
        _print_tables(title, columns, ([_cell(row[name]) for name in columns] for row in plain))


def _print_tables(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    waiting, shown = iter(rows), 0
    some = list(islice(waiting, ROWS_TOGETHER))
    while True:
        further = list(islice(waiting, ROWS_TOGETHER))
        last = shown + len(some)
        print_table(f"{title}: {shown + 1} to {last}" if shown or further else f"{title}: {last}", header, some)
        some, shown = further, last
        if not further:
            return


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
