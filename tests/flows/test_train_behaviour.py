"""`ethotrap train behaviour` in a park whose people call walking rest, and rest travel, as no shipped network does."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from flows.command import status_of
from models.behaviour import people
from models.behaviour.learning import scale_of
from models.behaviour.measured import write_measured
from models.behaviour.people import KEPT, measuring_digest
from models.behaviour.shared_examples import write_examples
from pipeline.behaviour.weights import CURRENT
from pipeline.settings import load_settings
from pipeline.store.footage import record_footage
from pipeline.store.labels import Word, add_label
from pipeline.store.ledger import record_files
from pipeline.store.open import open_store
from pipeline.store.result import FileSeen
from pipeline.values import Deployment, Footage
from tests.models.made_up_clips import HALF_S, clip, simulated

WORDS = ("rest", "travel")
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def archive_of(folder: Path, locations: int, each: int) -> Path:
    """An archive whose labelled videos were measured earlier."""
    store = open_store(folder / "archive")
    (store.archive / KEPT).mkdir()
    digest = measuring_digest(load_settings())
    for number in range(locations * each):
        name = f"place {number % locations}"
        there = Deployment(name, name, None, None, None, None, "UTC")
        seen = FileSeen(folder / f"{number}.MP4", 1000, 5, f"{number:064d}"[::-1])
        media = seen.media_id or ""
        record_files(store, [seen])
        record_footage(store, [Footage(seen.path, media, 1000, there)])
        write_measured(replace(clip(number, 0), clip=media, bouts=()), store.archive / KEPT / f"{media}-{digest}.npz")
        for half, word in enumerate(WORDS):
            add_label(store, media, half * HALF_S, (half + 1) * HALF_S, Word("A. Petrova", word), at=NOON)
    return store.archive


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("examples") / "examples.npz"
    shared = simulated(words=WORDS)
    write_examples(shared, scale_of(shared.examples), path)
    return path


def test_it_says_how_both_did_and_puts_the_better_one_into_use(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = archive_of(tmp_path, locations=4, each=5)
    asked = ["train", "behaviour", "--archive", archive, "--examples", examples, "--epochs", 30]
    assert status_of([str(word) for word in asked]) == 0
    said = capsys.readouterr().out
    assert f"in use: {load_settings(None, {}).behaviour.model}" in said
    assert "F1 of rest (" in said
    assert "It is better, and in use from now on" in said
    assert (archive / CURRENT).is_file()


def test_with_too_few_locations_nothing_is_written(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = archive_of(tmp_path, locations=2, each=1)
    assert status_of(["train", "behaviour", "--archive", str(archive), "--examples", str(examples)]) == 2
    assert "labels come from 2 locations, and at least 3 are needed" in " ".join(capsys.readouterr().err.split())
    assert not (archive / CURRENT.parent).exists()


def test_what_is_wanting_is_said_before_videos_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def followed(*_: object) -> NoReturn:
        pytest.fail("videos were followed")

    monkeypatch.setattr(people, "taught_by_people", followed)
    few = archive_of(tmp_path / "few", locations=3, each=1)
    assert status_of(["train", "behaviour", "--archive", str(few)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(r"labelled bouts to learn from, from 1 of 3 locations.* alone: place \d", said)
    barred = archive_of(tmp_path / "barred", locations=4, each=5)
    (barred / CURRENT.parent).write_text("in the way")
    assert status_of(["train", "behaviour", "--archive", str(barred)]) == 2
    assert "cannot write to the archive folder" in " ".join(capsys.readouterr().err.split())
    assert status_of(["train", "behaviour", "--archive", str(barred), "--seed", "-1"]) == 2
    assert "--seed -1" in capsys.readouterr().err


def test_stopped_from_the_keyboard_it_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(people, "taught_by_people", stopped)
    archive = archive_of(tmp_path, locations=4, each=5)
    assert status_of(["train", "behaviour", "--archive", str(archive)]) == 130
    assert "start the same command again" in " ".join(capsys.readouterr().err.split())
