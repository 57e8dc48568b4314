"""Rows as a person or a program gets them on standard output."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.command import status_of
from flows.commands.display import ROWS_TOGETHER, console, err_console, print_json, print_json_list, print_table, show
from pipeline.plain_text import written_out


@dataclass(frozen=True)
class Line:
    number: int
    words: tuple[str, ...]


@pytest.mark.parametrize("rows", [[], [Line(1, ())], [Line(1, ("a\nb", "ж")), Line(2, ("[x]",)), Line(3, ())]])
def test_a_list_that_comes_row_by_row_is_the_same_json(rows: list[Line], capsys: pytest.CaptureFixture[str]) -> None:
    print_json_list(iter(rows))
    streamed = capsys.readouterr().out
    print_json(rows)
    assert streamed == capsys.readouterr().out


@pytest.mark.parametrize(("as_json", "as_csv", "waiting"), [(True, False, 1), (False, True, 1), (False, False, 2000)])
def test_rows_are_told_as_they_come(
    as_json: bool, as_csv: bool, waiting: int, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ""

    def rows() -> Iterator[Line]:
        nonlocal told
        for number in range(4 * ROWS_TOGETHER):
            yield Line(number, ())
            told += capsys.readouterr().out
            assert number < waiting or f"{number - waiting}" in told

    show("Lines", Line, rows(), ["number"], as_json_=as_json, as_csv=as_csv)


@pytest.mark.parametrize(
    ("count", "titles"),
    [
        (ROWS_TOGETHER, [f"Lines: {ROWS_TOGETHER}"]),
        (ROWS_TOGETHER + 1, [f"Lines: 1 to {ROWS_TOGETHER}", f"Lines: {ROWS_TOGETHER + 1} to {ROWS_TOGETHER + 1}"]),
    ],
)
def test_a_long_table_goes_on_in_another_one(count: int, titles: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    rows = (Line(number, ("wide enough for the title",)) for number in range(count))
    show("Lines", Line, rows, ["number", "words"], as_json_=False, as_csv=False)
    assert [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("Lines")] == titles


@pytest.mark.parametrize("command", [["ethogram"], ["census", "--from", "2025-01-01", "--to", "2025-12-31"]])
def test_two_forms_at_once_are_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    status = status_of([*command, "--json", "--csv"])
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert "give one of them" in said.err


@pytest.mark.parametrize("name", ["a\x1b[31mb\x9b1m", "a\udcffb"])
def test_a_name_steers_no_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_table(name, [name], [[name]])
    console.print(Path(name))
    err_console.print(f"{name}\nis no video", soft_wrap=True)
    said = capsys.readouterr()
    assert {"\x1b", "\x9b", "\udcff"}.isdisjoint(said.out + said.err)
    assert said.out.count(written_out(name)) == 4
    assert said.err == f"{written_out(name)}\nis no video\n"


def test_a_reader_that_has_seen_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    listing = "from flows.command import main; main(['ethogram', '{}'])"
    for form, status in (("--json", 141), ("--csv", 141), ("--help", 1)):
        ended = subprocess.run(
            [sys.executable, "-c", listing.format(form)], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (status, "")
    os.close(writing)
