"""What holds for the code as a whole, read from the code itself."""

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from flows.command import app

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "flows", "models")
FILES = sorted(path for package in (*PACKAGES, "tests") for path in (REPOSITORY / package).rglob("*.py"))
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
NAIVE_CLOCKS = {"utcnow", "utcfromtimestamp", "today"}
MOST_LINES = 500
GUARD = 'if __name__ == "__main__":'


def inside(*packages: str) -> list[Path]:
    found = [path for path in FILES if path.relative_to(REPOSITORY).parts[0] in packages]
    assert len(found) > 10
    return found


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """The top package of everything that a file imports, also inside its functions."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The name of everything that a file calls, without what stands before a dot, and the call."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def names_in(path: Path) -> set[str]:
    return set(path.relative_to(REPOSITORY).with_suffix("").parts)


def place(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(REPOSITORY)}:{getattr(node, 'lineno', 1)}"


def test_the_pipeline_can_be_used_without_prefect_and_without_the_flows() -> None:
    strangers = {"flows", "prefect", "tests", "cyclopts", "rich"}
    assert [place(path) for path in inside("pipeline") if strangers & set(imported(path))] == []


def test_the_code_that_ships_does_not_need_the_tests() -> None:
    assert [place(path) for path in inside(*PACKAGES) if "tests" in imported(path)] == []


def test_nothing_prints_but_the_command_line() -> None:
    """`console.print` of the command line is another thing, and so is `sys.stdout.write`."""
    printing = [
        place(path, call)
        for path in inside(*PACKAGES)
        for name, call in called(path)
        if name == "print" and isinstance(call.func, ast.Name)
    ]
    assert printing == []


def test_every_time_knows_its_zone() -> None:
    naive = [
        place(path, call)
        for path in inside(*PACKAGES, "tests")
        for name, call in called(path)
        if name in NAIVE_CLOCKS or (name == "now" and not call.args and not call.keywords)
    ]
    assert naive == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [place(path) for path in FILES if VAGUE_NAMES & names_in(path)] == []


def test_no_file_is_too_long_to_read() -> None:
    assert [place(path) for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES] == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.stem for path in inside("tests") if path.stem.startswith("test_")]
    assert sorted(names) == sorted(set(names))


def test_every_module_of_the_pipeline_says_what_it_is_for() -> None:
    assert [place(path) for path in inside(*PACKAGES) if not ast.get_docstring(tree_of(path))] == []


def commands(of: App, words: tuple[str, ...] = ("ethotrap",)) -> Iterator[tuple[tuple[str, ...], App]]:
    """Every command that a person can give, as its words, also those of groups such as `models list`."""
    for name in of:
        if name.startswith("-"):
            continue
        command = of[name]
        if command.default_command is not None:
            yield (*words, name), command
        yield from commands(command, (*words, name))


each_command = pytest.mark.parametrize(
    ("words", "command"), [pytest.param(w, c, id=" ".join(w)) for w, c in commands(app)]
)


@each_command
def test_every_command_explains_itself_with_an_example(words: tuple[str, ...], command: App) -> None:
    summary, _, rest = command.help.strip().partition("\n")
    assert summary.endswith("."), "the first line is what `ethotrap --help` shows"
    example = rest.partition("For example:")[2]
    assert " ".join(words) in example


@each_command
def test_every_argument_of_a_command_is_explained(words: tuple[str, ...], command: App) -> None:
    arguments = command.assemble_argument_collection(parse_docstring=True)
    assert [argument.name for argument in arguments if argument.show and not argument.parameter.help] == []


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=place(path)) for path in inside("models") if GUARD in path.read_text("utf-8")]
)
def test_what_is_run_by_itself_says_how(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    dotted = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    assert ended.value.code == 0
    assert f"usage: python -m {dotted.removesuffix('.__main__')} " in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
