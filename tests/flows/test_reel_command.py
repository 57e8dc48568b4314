"""The press office's film, from the command line: what it leaves out, and what it says."""

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from flows.command import status_of
from flows.commands import press
from models.simulate.film import write_timed_film
from pipeline.store.open import open_store
from pipeline.store.queries import people_in_view
from pipeline.values import Kind
from tests.store.archive_samples import animal, doing, footage, found, stored

VIDEOS = tuple(footage(f"/card/{number}.MP4") for number in (1, 2))
FIRST, SECOND = (video.media_id for video in VIDEOS)
Said = tuple[int, str, str]
Reel = Callable[..., Said]


def banner_below() -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """A second of a grey scene with a white banner in the lowest eighth."""
    for number in range(10):
        picture = np.full((160, 240, 3), 90, np.uint8)
        picture[140:] = 250
        yield number / 10, picture


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two videos, each of one leopard that plays, with their clips."""
    store = open_store(tmp_path / "archive")
    for video in VIDEOS:
        result = found(video, [animal(1)], [doing("play", 1, 2, 4)])
        stored(store, result)
        for one in result.bouts:
            assert one.clip is not None
            path = store.archive / one.clip.path
            path.parent.mkdir(parents=True)
            write_timed_film(banner_below(), path, 10, datetime(2026, 3, 1, tzinfo=UTC), 20)
    return store.archive


@pytest.fixture
def say(archive: Path, capfd: pytest.CaptureFixture[str]) -> Reel:
    def run(*arguments: object) -> Said:
        status = status_of([*map(str, arguments), "--archive", str(archive)])
        out, err = capfd.readouterr()
        return status, out, " ".join(err.split())

    return run


@pytest.fixture
def reel(say: Reel, tmp_path: Path) -> Reel:
    return lambda *arguments: say("reel", "--out", tmp_path / "film.mp4", *arguments)


def test_a_film_comes_with_the_advice_to_look_at_it(reel: Reel, tmp_path: Path) -> None:
    status, out, err = reel()
    assert (status, err) == (0, "")
    assert "2 clips, 2.0 s." in out
    assert "Look at it before you publish it" in out
    assert (tmp_path / "film.mp4").is_file()


@pytest.mark.parametrize("about", [f"{FIRST}.1.1", f"{FIRST}.1", FIRST], ids=["bout", "track", "video"])
def test_a_video_in_which_somebody_found_a_person_is_in_no_film(
    say: Reel, reel: Reel, archive: Path, about: str
) -> None:
    assert say("label", about, "--species", "person", "--who", "A. Petrova")[0] == 0
    status, out, _ = reel()
    assert status == 0
    assert "a person in the video" in out
    assert "1 clips" in out
    (shown,) = people_in_view(open_store(archive, read_only=True))
    assert (shown.media, shown.kinds) == (FIRST, (Kind.PERSON,))


def test_a_withdrawn_word_bars_nothing(say: Reel, reel: Reel) -> None:
    _, out, _ = say("label", FIRST, "--species", "person")
    assert say("unlabel", out.split("label ")[1].split(":")[0])[0] == 0
    assert "2 clips" in reel()[1]


def test_a_person_somewhere_in_a_video_says_nothing_of_its_animals(say: Reel) -> None:
    say("label", FIRST, "--species", "person")
    assert "leopard" in say("bouts", "--csv")[1].splitlines()[1]
    assert "no longer finds" not in say("status")[1]


@pytest.mark.parametrize("words", [("--behaviour", "rest"), ("--species", "leopard")])
def test_of_a_whole_video_only_a_person_or_a_vehicle_can_be_said(say: Reel, words: tuple[str, str]) -> None:
    status, _, err = say("label", FIRST, *words)
    assert status == 2
    assert "is a whole video, of which only --species person or vehicle can be said; name a bout or a track" in err


def test_what_is_no_animal_has_no_bouts_and_no_behaviour(say: Reel) -> None:
    status, _, err = say("label", f"{FIRST}.1", "--species", "blank", "--behaviour", "rest")
    assert status == 2
    assert "what is blank has no behaviour: say either" in err
    say("label", f"{FIRST}.1", "--species", "blank")
    assert FIRST in say("tracks", "--species", "blank", "--csv")[1]
    assert "so are 1 more at the same" in say("label", f"{FIRST}.1", "--species", "blank", "--repeats")[1]
    assert say("label", f"{FIRST}.1", "--species", "leopard", "--repeats")[0] == 2
    assert say("repeats", "--csv")[1].startswith("track,location,")
    assert FIRST not in say("bouts", "--csv")[1]
    assert "no longer finds" not in say("status")[1]


@pytest.mark.parametrize("unwanted", [SECOND, f"{SECOND}.1.1"], ids=["video", "bout"])
def test_what_the_office_does_not_want_is_left_out(reel: Reel, unwanted: str) -> None:
    _, out, err = reel("--without", unwanted)
    assert "you asked for a film without it" in out
    assert "1 clips" in out
    assert err == ""


def test_of_many_clips_that_are_left_out_the_best_are_told(reel: Reel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "MOST_TOLD", 1)
    _, out, _ = reel("--without", FIRST, "--without", SECOND)
    assert out.count("you asked for a film without it") == 1
    assert "Left out as well: 1 clips that would have done less well than these." in out


@pytest.mark.parametrize("slip", ["nonsense", f"{SECOND}.1", SECOND[:-1]])
def test_there_is_no_film_with_what_a_slip_of_the_pen_was_to_keep_out(reel: Reel, tmp_path: Path, slip: str) -> None:
    status, _, err = reel("--without", FIRST, "--without", slip)
    assert status == 2
    assert f"--without {slip}: no such bout or video" in err
    assert not (tmp_path / "film.mp4").exists()


def test_what_is_not_wanted_need_not_fit_the_other_wishes(say: Reel, reel: Reel) -> None:
    say("label", f"{SECOND}.1.1", "--behaviour", "rest")
    status, out, err = reel("--behaviour", "play", "--without", SECOND, "--without", f"{SECOND}.1.1")
    assert (status, err) == (0, "")
    assert "1 clips" in out


def test_what_the_camera_wrote_into_the_picture_can_be_cropped(reel: Reel, tmp_path: Path) -> None:
    assert reel("--crop-bottom", "0.125")[0] == 0
    with av.open(str(tmp_path / "film.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="gray")
    assert picture.max() < 150


@pytest.fixture(params=[signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def end(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that ends programs, handled as in a terminal: whoever runs the tests in the background ignores some."""
    usual = signal.default_int_handler if request.param == signal.SIGINT else signal.SIG_DFL
    before = signal.signal(request.param, usual)
    yield request.param
    signal.signal(request.param, before)


def test_of_a_film_that_is_stopped_nothing_is_left(
    reel: Reel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals
) -> None:
    half: list[Path] = []

    def stopped_midway(picture: av.VideoFrame, *_: object) -> av.VideoFrame:
        if begun := list(tmp_path.glob(".film.mp4.*.part")):
            half.extend(begun)
            signal.raise_signal(end)
        return picture

    monkeypatch.setattr("pipeline.highlights.reel.cropped", stopped_midway)
    status, _, err = reel()
    assert half
    assert (status, "stopped" in err) == (130, True)
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_a_clip_that_is_gone_is_left_out_and_named(reel: Reel, archive: Path) -> None:
    gone, _ = sorted(archive.rglob("*.mp4"))
    gone.unlink()
    status, out, _ = reel()
    assert status == 0
    assert "its clip is not there" in out
    assert "1 clips" in out


def test_a_damaged_clip_is_named_with_exit_status_1(reel: Reel, archive: Path) -> None:
    spoilt, _ = sorted(archive.rglob("*.mp4"))
    spoilt.write_bytes(b"no video")
    status, out, err = reel()
    assert status == 1
    assert "1 clips" in out
    assert f"Missing from the film: {spoilt}" in err


def test_without_anything_left_the_reason_is_what_is_listed(say: Reel, reel: Reel) -> None:
    for media in (FIRST, SECOND):
        say("label", media, "--species", "vehicle")
    status, out, err = reel()
    assert status == 2
    assert "a vehicle in the video" in out
    assert "everything that would fit is left out, as listed, so there is no film" in err


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        (("--behaviour", "pley"), "the ethogram has no behaviour 'pley'; it has travel, chase,"),
        (("--species", "leopardd"), "there is no species 'leopardd'; there are"),
        (("--since", "2026-03-02", "--until", "2026-03-01"), "exchange the two"),
        (("--since", "2026-03-02", "--until", "2026-03-02"), "--until names the first day or time that is left out"),
        (("--min-probability", "70"), "--min-probability"),
        (("--clips", "0"), "--clips"),
        (("--seconds", "-5"), "--seconds"),
    ],
)
def test_wishes_that_nothing_can_fit_are_refused(reel: Reel, wish: tuple[str, ...], answer: str) -> None:
    status, out, err = reel(*wish)
    assert status == 2
    assert answer in " ".join((out + err).split())


def test_a_name_that_the_film_cannot_have_is_refused_before_clips_are_chosen(say: Reel, tmp_path: Path) -> None:
    (tmp_path / "there.mp4").write_bytes(b"an older film")
    for name, answer in (("film.avi", "must end in .mp4"), ("there.mp4", "exists already")):
        status, out, err = say("reel", "--out", tmp_path / name)
        assert (status, out) == (2, "")
        assert answer in err


def test_a_behaviour_may_be_asked_for_by_its_name(reel: Reel) -> None:
    assert "2 clips" in reel("--behaviour", "Play")[1]


def test_a_location_without_videos_is_said(say: Reel) -> None:
    status, _, err = say("bouts", "--location", "rivr")
    assert status == 0
    assert "no video of this archive is from rivr; near it: river" in err


def test_days_are_those_of_the_parks_own_zone(say: Reel, tmp_path: Path) -> None:
    park = tmp_path / "park.yaml"
    park.write_text("site: {timezone: Pacific/Honolulu}\n")  # the clips are of 22:00 in Vladivostok, 02:00 there
    day = ("bouts", "--since", "2026-03-01T12:00", "--csv")
    assert len(say(*day)[1].splitlines()) == 3
    assert len(say(*day, "--config", park)[1].splitlines()) == 1


def test_square_brackets_in_names_are_no_markup(say: Reel) -> None:
    note = "left [/right] flank"
    assert say("individuals", "tag", f"{FIRST}.1", "wound [old]", "--note", note)[0] == 0
    status, out, _ = say("individuals", "log")
    assert status == 0
    assert "[/right]" in out
    assert "wound [old]" in say("individuals", "tagged")[1]


def test_the_most_informative_are_chosen_before_they_are_limited(say: Reel, archive: Path) -> None:
    sure = found(footage("/card/0.MP4"), [animal(1)], [doing("rest", 1, 0, 9, 0.99)])
    stored(open_store(archive), sure)
    _, out, _ = say("bouts", "--most-informative", "3", "--limit", "1", "--csv")
    assert len(out.splitlines()) == 2
    assert ",rest," not in out


def test_an_empty_table_has_the_same_columns_as_a_full_one(say: Reel) -> None:
    full, empty = (say("bouts", "--csv", "--behaviour", word)[1].splitlines() for word in ("play", "rest"))
    assert (full[0], len(full), len(empty)) == (empty[0], 3, 1)


def test_the_ethogram_can_be_read_with_a_parks_own_names(say: Reel, tmp_path: Path) -> None:
    own = tmp_path / "eth.yaml"
    own.write_text(
        "extends: ethogram.yaml\nbehaviours:\n  - {code: play, name: romp}\n  - {code: mating, enabled: false}\n"
    )
    park = tmp_path / "park.yaml"
    park.write_text(f"behaviour: {{ethogram: {own}}}\n")
    status = status_of(["ethogram", "--csv", "--config", str(park)])
    assert status == 0
    assert "romp" in say("show", f"{FIRST}.1.1", "--config", park)[1]
    assert say("label", f"{FIRST}.1.1", "--behaviour", "romp", "--config", park)[0] == 0
    assert say("label", f"{FIRST}.1.1", "--behaviour", "mating", "--config", park)[0] == 2
