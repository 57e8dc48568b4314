"""Knowing animals again, from the command line."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from flows.command import status_of
from pipeline.store.open import open_store
from pipeline.store.result import FlankView
from tests.flows.conftest import Say
from tests.store.archive_samples import RIVER, animal, captured, doing, footage, found, stored, two_animals

VIDEOS = [footage(f"/card/{number}.MP4").media_id for number in range(3)]
FIRST, SECOND, THIRD = (f"{media}.1" for media in VIDEOS)
PERIOD = ("--from", "2026-01-01", "--to", "2026-12-31")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three videos of two leopards each, with a picture of a left flank of the first one."""
    store = open_store(tmp_path / "archive")
    (tmp_path / "archive" / "views").mkdir()
    place = replace(RIVER, start=datetime(2026, 2, 1, 2, tzinfo=UTC), end=datetime(2026, 3, 13, 2, tzinfo=UTC))
    for number in range(3):
        picture = Path(f"views/{number}.jpg")
        cv2.imwrite(str(store.archive / picture), np.full((60, 100, 3), 100, np.uint8))
        time = captured(datetime(2026, 3, 1 + number, 12, tzinfo=UTC))
        video = two_animals(f"/card/{number}.MP4", time=time, deployment=place)
        stored(store, replace(video, views=(FlankView(1, 2.0, "left", 0.9, 0.7, picture),)))
    return store.archive


@pytest.fixture
def say(archive: Path, say_to: Callable[[Path], Say]) -> Say:
    """Give a command."""
    return say_to(archive)


def test_an_animal_is_entered_recognised_described_and_shown(say: Say) -> None:
    made = say("individuals", "new", "--track", FIRST, "--code", "Leo 45F", "--stage", "adult", "--since", "2026-03-01")
    assert "Leo 45F is in the registry. Decision 1, by A. Petrova." in made
    said = say("individuals", "confirm", SECOND, "leo 45f", "--flank", "right", "--who", "B. Ivanov", "--json")
    assert (said["what"], said["about"], said["who"], said["in_force"]) == ("confirm", ["Leo 45F"], "B. Ivanov", True)
    say("individuals", "set", "Leo 45F", "--name", "Meamur", "--mark", "torn left ear", "--tag", "mange")
    (row,) = say("individuals", "list", "--json")
    assert (row["code"], row["sex"], row["stage"], row["known_by"]) == ("Leo 45F", "female", "adult", "both flanks")
    assert (row["first_seen"], row["last_seen"]) == ("2026-03-01T22:00:00+10:00", "2026-03-02T22:00:00+10:00")
    assert (row["names"], row["tags"], row["sightings"]) == (["Meamur"], ["mange"], 2)
    shown = say("individuals", "show", "Leo 45F")
    assert all(word in shown for word in ("Meamur", "torn left ear", "B. Ivanov", FIRST, "adult from 2026-03-01"))
    assert say("individuals", "list", "--tag", "wound", "--json") == []
    assert "Meamur" in say("individuals", "list")
    (line,) = csv.DictReader(io.StringIO(say("individuals", "list", "--csv")))
    assert (line["code"], line["names"], line["provisional"]) == ("Leo 45F", "Meamur", "False")


def test_records_are_merged_split_renamed_and_all_of_it_undone(say: Say) -> None:
    say("individuals", "new", "--track", FIRST)
    before = say("individuals", "show", "unknown-1", "--json")
    say("individuals", "new", "--track", SECOND)
    say("individuals", "merge", "unknown-1", "unknown-2")
    say("individuals", "rename", "unknown-1", "Leo 45F")
    assert "unknown-3 has 1 of the sightings that were under Leo 45F" in say("individuals", "split", "Leo 45F", SECOND)
    assert [row["code"] for row in say("individuals", "list", "--json")] == ["Leo 45F", "unknown-3"]
    for number in (5, 4, 3, 2):
        assert f"Decision {number} is undone: " in say("individuals", "undo", "--note", "try")
    assert say("individuals", "show", "unknown-1", "--json")["individual"] == before["individual"]
    log = say("individuals", "log", "--json")
    assert [row["what"] for row in log] == ["new", "new", "merge", "rename", "split"] + ["undo"] * 4
    assert [row["in_force"] for row in log] == [True] + [False] * 4 + [True] * 4
    assert "undone" in say("individuals", "log")
    rows = list(csv.DictReader(io.StringIO(say("individuals", "log", "--csv"))))
    assert [json.loads(row["details"]) for row in rows] == [row["details"] for row in log]
    said = say("individuals", "undo", "9", "--who", "B. Ivanov")
    assert said == "Decision 9 is undone: undo of unknown-2, by A. Petrova. Decision 10, by B. Ivanov.\n"
    assert say("individuals", "undo").startswith("Decision 2 is undone: new of unknown-2, by A. Petrova.")


def test_flanks_are_linked_by_a_person_alone_and_the_census_says_so(say: Say) -> None:
    adult = ("--stage", "adult", "--since", "2026-03-01")
    say("individuals", "new", "--track", FIRST, "--code", "Leo 45F", "--flank", "left", *adult)
    say("individuals", "new", "--track", SECOND, "--code", "Leo 46F", "--flank", "right", *adult)
    say("individuals", "new", "--track", THIRD)
    apart = say("census", *PERIOD, "--json")
    assert apart["adults"] == {"female": 0, "male": 0, "unknown": 0, "at_least": 1, "at_most": 2}
    assert (apart["one_flank"], apart["provisional"]) == (["Leo 45F", "Leo 46F"], ["unknown-1"])
    assert "at least 1, at most 2" in " ".join(say("census", *PERIOD).split())
    say("individuals", "link", "Leo 45F", "Leo 46F")
    linked = say("census", *PERIOD, "--json")
    assert linked["adults"] == {"female": 1, "male": 0, "unknown": 0, "at_least": 1, "at_most": 1}
    assert linked["new"] == ["Leo 45F"]
    assert linked["effort"]["trap_nights"] == 40


def test_an_animal_whose_species_a_person_names_later_is_counted(say: Say, archive: Path) -> None:
    unnamed = found(footage("/card/9.MP4", time=captured()), [animal(1, species="unknown")], [doing("travel")])
    stored(open_store(archive), unnamed)
    say("individuals", "new", "--track", f"{unnamed.footage.media_id}.1", "--code", "Leo [old]")
    leopards = ("census", *PERIOD, "--species", "leopard")
    assert say(*leopards, "--json")["unknown_species"] == ["Leo [old]"]
    said = " ".join(say(*leopards).split())
    assert "Not counted: 1 animals seen in this period whose species nobody knows: Leo [old]." in said
    say("label", f"{unnamed.footage.media_id}.1.1", "--species", "leopard")
    after = say(*leopards, "--json")
    assert (after["unknown_species"], [row["code"] for row in after["individuals"]]) == ([], ["Leo [old]"])
    assert "Not counted" not in say(*leopards)
    (line,) = csv.DictReader(io.StringIO(say("individuals", "list", "--csv")))
    assert line["species"] == "leopard"


def test_cubs_whose_mother_nobody_named_are_no_litter(say: Say) -> None:
    say("individuals", "new", "--code", "Leo 1F", "--stage", "adult", "--since", "2026-01-01")
    for track, mother in ((FIRST, ("--mother", "Leo 1F")), (SECOND, ()), (THIRD, ())):
        say("individuals", "new", "--track", track, *mother, "--stage", "cub", "--since", "2026-02-01")
        say("individuals", "rename", say("individuals", "list", "--json")[-1]["code"], f"Leo {track[:6]}")
    told = say("census", *PERIOD)
    assert re.search(r"cubs, litters: 1\s+│\s+3 │", told)
    assert "Of these cubs, 2 are in no litter: nobody has said who their mother is." in told


def test_a_census_takes_a_species_of_the_parks_own_list(say: Say, tmp_path: Path) -> None:
    listed = {"scientific_name": "Panthera uncia", "name": "snow leopard", "group": "cat"}
    (tmp_path / "own.yaml").write_text(json.dumps([{"code": "irbis", **listed, "domestic": False, "imagenet": [289]}]))
    (tmp_path / "park.yaml").write_text(json.dumps({"species": {"list": str(tmp_path / "own.yaml")}}))
    own = ("--species", "irbis", "--config", tmp_path / "park.yaml")
    assert say("census", *PERIOD, *own, "--json")["individuals"] == []
    assert "there is no species 'irbis'" in say("census", *PERIOD, *own[:2], status=2)


def test_the_census_is_a_table_csv_and_a_plot(say: Say, tmp_path: Path) -> None:
    say("individuals", "new", "--track", FIRST, "--code", "Leo 45F", "--stage", "adult", "--since", "2026-03-01")
    say("individuals", "set", "Leo 45F", "--forget", "stages")
    say("individuals", "confirm", THIRD, "Leo 45F", "--flank", "left", "--flank", "right")
    say(
        "individuals",
        "new",
        "--track",
        f"{VIDEOS[0]}.2",
        "--code",
        "Leo 61",
        "--mother",
        "Leo 45F",
        "--born",
        "2026-01-05",
    )
    rows = list(csv.DictReader(io.StringIO(say("census", *PERIOD, "--csv"))))
    assert [(row["part"], row["code"], row["mother"]) for row in rows] == [
        ("unknown age", "Leo 45F", ""),
        ("cub", "Leo 61", "Leo 45F"),
    ]
    plot = tmp_path / "census.png"
    assert "40 trap nights" in " ".join(say("census", *PERIOD, "--plot", plot).split())
    assert cv2.imread(str(plot)) is not None
    table = tmp_path / "deployments.csv"
    header = "deploymentID,latitude,longitude,deploymentStart,deploymentEnd"
    table.write_text(f"{header}\nx,43,131,2026-01-01T12:00:00+10:00,2026-01-04T09:00:00+10:00\n")
    assert say("census", *PERIOD, "-d", table, "--json")["effort"]["trap_nights"] == 40 + 3


def test_candidates_are_proposed_refused_and_set_side_by_side(say: Say, tmp_path: Path) -> None:
    for code, track in (("Leo 45F", FIRST), ("Leo 7M", SECOND)):
        say("individuals", "new", "--track", track, "--code", code)
    candidates = tmp_path / "candidates.json"
    points = [[0.5, 0.5, 0.4, 0.4]]
    views = {"view": f"{THIRD}.v1", "known_view": f"{FIRST}.v1", "points": points}
    rows = [{"track": THIRD, "individual": "Leo 45F", "score": 31.4, **views}]
    candidates.write_text(json.dumps([*rows, {"track": THIRD, "individual": "Leo 7M", "score": 40}]))
    proposed = say("individuals", "propose", candidates, "--json")
    assert [(row["rank"], row["individual"], row["score"]) for row in proposed] == [
        (1, "Leo 7M", 40),
        (2, "Leo 45F", 31.4),
    ]
    assert [row["sightings"] for row in say("individuals", "list", "--json")] == [1, 1]
    say("individuals", "reject", THIRD, "Leo 7M")
    (left,) = say("individuals", "candidates", THIRD, "--json")
    assert (left["individual"], left["points"]) == ("Leo 45F", points)
    page = tmp_path / "pages" / "sheet.html"
    assert "1 candidates" in say("individuals", "sheet", THIRD, "--out", page)
    assert page.read_text().count("<line") == 2


def test_what_is_seen_on_an_animal_stays_with_the_sighting_whoever_it_is(say: Say, tmp_path: Path) -> None:
    say("individuals", "tag", FIRST, "mange", "kinked tail", "--note", "left hip")
    (unknown,) = say("individuals", "tagged", "--json")
    assert (unknown["individual"], unknown["tags"], unknown["tracks"]) == (None, ["mange", "kinked tail"], [FIRST])
    say("individuals", "new", "--track", FIRST, "--code", "Leo 45F")
    say("individuals", "confirm", SECOND, "Leo 45F")
    (known,) = say("individuals", "tagged", "mange", "--json")
    assert (known["sighting"], known["individual"]) == (unknown["sighting"], "Leo 45F")
    assert "mange, kinked tail" in say("individuals", "show", "Leo 45F")
    said = say("individuals", "tag", FIRST, "--forget", "mange", "--json")
    assert (said["about"], said["details"]["forget"]) == (["Leo 45F"], ["mange"])
    assert say("individuals", "tagged", "mange", "--json") == []
    say("individuals", "undo")
    assert [row["tags"] for row in say("individuals", "tagged", "--json")] == [["mange", "kinked tail"]]
    page = tmp_path / "pictures.html"
    say("individuals", "show", "Leo 45F", "--pictures", page)
    assert page.read_text().count("<img") == 2
    assert "mange, kinked tail" in page.read_text()


def test_coats_that_cannot_be_seen_are_not_compared_and_the_table_says_why(say: Say) -> None:
    say("individuals", "new", "--track", FIRST, "--code", "Leo 45F")
    assert say("individuals", "propose", "--json") == []
    table = say("individuals", "propose")
    assert all(word in table for word in (SECOND, THIRD, "no pattern is to be seen", "of 2 tracks"))
    assert FIRST not in table


def test_who_contradicts_another_or_puts_an_animal_in_two_places_is_told(
    say: Say, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*words: str) -> str:
        assert status_of(["individuals", *words]) == 0
        return capsys.readouterr().err

    say("individuals", "new", "--track", FIRST, "--code", "Leo 1F")
    say("individuals", "new", "--code", "Leo 2F")
    changed = told("confirm", FIRST, "Leo 2F", "--who", "B. Ivanov")
    assert changed.startswith("Until now it was Leo 1F, said A. Petrova on ")
    assert told("confirm", FIRST, "Leo 2F") == ""
    assert f"at the same time in {VIDEOS[0]}." in told("confirm", f"{VIDEOS[0]}.2", "Leo 2F")
    far = replace(RIVER, deployment_id="ridge-2026", location_id="ridge")
    other = two_animals("/far.MP4", time=captured(datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)), deployment=far)
    stored(open_store(archive), other)
    track = f"{other.footage.media_id}.1"
    assert f"{other.footage.media_id} at ridge and {VIDEOS[0]} at river" in told("confirm", track, "Leo 2F")
    assert "Until now it was Leo 2F" in told("new", "--track", track, "--code", "Leo 3F")
    assert "Look again" in told("merge", "Leo 2F", "Leo 3F")
    assert told("set", "Leo 2F", "--born", "2020-07-01", "--died", "2026-03-01") == ""
    assert "Leo 2F died on 2026-03-01, and was seen on 2026-03-02" in told("confirm", SECOND, "Leo 2F")
    say("individuals", "set", "Leo 2F", "--forget", "died")
    assert "Leo 2F was born on 2026-03-02, and was seen on 2026-03-01" in told("set", "Leo 2F", "--born", "2026-03-02")


@pytest.mark.parametrize(
    "words",
    [
        ("individuals", "new", "--code", "Leo 7M"),
        ("individuals", "tag", FIRST, "mange"),
        ("health", "dismiss", "3f2a9c0d11e4"),
        ("label", FIRST, "--species", "leopard"),
    ],
)
def test_a_word_for_an_archive_that_is_not_there_makes_none(say: Say, tmp_path: Path, words: tuple[str, ...]) -> None:
    missing = tmp_path / "archvie"
    assert "holds no archive" in say(*words, "--archive", missing, status=2)
    assert not missing.exists()


def test_a_code_that_looks_like_another_is_refused_and_so_is_forgetting_what_a_code_says(say: Say) -> None:
    say("individuals", "new", "--code", "Leo 15M")
    for words in (("new", "--code", "Leo 15\u041c"), ("new", "--code", "leo-15m"), ("new", "--code", "Leo 15M")):
        assert "was the code of Leo 15M" in say("individuals", *words, status=2)
    assert "the code 'Leo 15M' says male" in say("individuals", "set", "Leo 15M", "--forget", "sex", status=2)
    say("individuals", "rename", "Leo 15M", "LEO-15M")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("individuals", "confirm", FIRST, "Leo 99F"), "no individual 'Leo 99F'"),
        (("individuals", "new", "--track", "x.1"), "no track 'x.1'"),
        (("individuals", "new", "--code", "unknown-3"), "kept for animals without a code"),
        (("individuals", "new", "--born", "July"), "'July' is no day; write it as 2025-06-14"),
        (("individuals", "new", "--stage", "adult"), "the day from which on"),
        (("individuals", "set", "Leo 1F"), "say something about Leo 1F"),
        (("individuals", "undo"), "no decision to undo"),
        (("individuals", "company", "x"), "no video 'x'"),
        (("individuals", "propose", "/nowhere.json"), "cannot read /nowhere.json"),
        (("individuals", "propose", "/nowhere.json", "--track", FIRST), "leave out --track"),
        (("individuals", "propose", "--track", "x.1"), "no track 'x.1'"),
        (("individuals", "tag", FIRST), "say what is to be seen"),
        (("individuals", "tag", FIRST, "--forget", "mange"), "no tag 'mange' to forget; it has none"),
        (("individuals", "tag", "x.1", "mange"), "no track 'x.1'"),
        (("individuals", "tag", FIRST, " "), "' ' is no word to keep"),
        (("individuals", "new", "--code", "Leo 1F", "--name", ""), "'' is no word to keep"),
        (("individuals", "new", "--code", "Leo 1F", "--born", "2206-07-01"), "yet to come; correct the year"),
        (("census", "--from", "2026-02-01", "--to", "2026-01-01"), "before it begins"),
        (("census", *PERIOD, "--plot", "x.png"), "nothing to draw"),
        (("census", *PERIOD, "--species", "leopad"), "there is no species 'leopad'; there are "),
        (("census", *PERIOD, "--not-seen", "-1"), "--not-seen -1 is no number of months; write 0 or more"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(say: Say, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in say(*words, status=2)


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        '[{"track": "x"}]',
        '{"track": "x"}',
        '[{"track": "x", "individual": "Leo 45F", "score": -1}]',
        '[{"track": "x", "individual": "Leo 45F", "score": 1, "points": [[1, 2]]}]',
    ],
)
def test_a_file_of_candidates_that_is_none_is_named(say: Say, tmp_path: Path, text: str) -> None:
    say("individuals", "new", "--code", "Leo 45F")
    (tmp_path / "candidates.json").write_text(text)
    assert "candidates.json" in say("individuals", "propose", tmp_path / "candidates.json", status=2)


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--species", "leopardd"),
        ("new", "--code", "Leo 7M", "--species", "leopardd"),
    ],
)
def test_a_species_that_the_list_has_not_is_refused(say: Say, words: tuple[str, ...]) -> None:
    assert "there is no species 'leopardd'; there are" in say("individuals", *words, status=2)
