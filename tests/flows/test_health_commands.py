"""How an animal has been doing, from the command line, on an archive whose truth is known."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from flows.command import status_of
from flows.commands import health
from models.simulate.archive.animals import Trouble
from models.simulate.archive.writing import MadePark, make_park, write_park
from pipeline.errors import ConfigError
from pipeline.health.history import ShownClip
from pipeline.health.park_report import park_report
from pipeline.store.flag_words import read_health
from pipeline.store.open import open_store
from pipeline.store.schema import media
from tests.flows.conftest import Say
from tests.health.histories import FORBIDDEN

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SEED = 1


def code_of(made: MadePark, trouble: Trouble) -> str:
    return next(one.code for one in made.cast.animals if one.trouble is trouble and one.code)


@pytest.fixture(scope="module")
def made() -> MadePark:
    """Two animals with trouble, of a park of forty."""
    whole = make_park(SEED)
    wanted = {one.number for one in whole.cast.animals if one.trouble in (Trouble.LIMP, Trouble.DISTEMPER)}
    filmed = tuple(one for one in whole.filmed if one.shown[0].animal in wanted)
    return replace(whole, filmed=filmed)


@pytest.fixture(scope="module")
def written(made: MadePark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = open_store(tmp_path_factory.mktemp("health") / "archive")
    write_park(made, store)
    return store.archive


@pytest.fixture
def say(written: Path, tmp_path: Path, say_to: Callable[[Path], Say]) -> Say:
    """Give a command to a copy of the archive."""
    shutil.copytree(written, tmp_path / "archive")
    return say_to(tmp_path / "archive")


def test_flags_are_listed_acknowledged_dismissed_and_opened_again_and_nothing_is_lost(say: Say) -> None:
    before = say("health", "flags", "--json")
    assert {"flag", "animal", "rule", "summary", "rests_on", "false_alarms_a_year", "evidence"} <= before[0].keys()
    assert before[0]["severity"] == "look first"
    first, second = (row["flag"] for row in before[:2])
    assert "acknowledged, by A. Petrova" in say("health", "acknowledge", first, "--note", "vet informed")
    assert "dismissed, by B. Ivanov" in say("health", "dismiss", second, "--who", "B. Ivanov", "--note", "deep snow")
    after = {row["flag"]: row for row in say("health", "flags", "--json")}
    assert after[first]["state"] == "acknowledged"
    assert "A. Petrova: acknowledge (vet informed)" in after[first]["said"][0]
    assert second not in after
    every = {row["flag"]: row for row in say("health", "flags", "--all", "--json")}
    assert every[second]["state"] == "dismissed"
    assert every[second]["summary"] == before[1]["summary"]
    say("health", "reopen", second)
    again = {row["flag"]: row for row in say("health", "flags", "--json")}
    assert again[second]["state"] == "open"
    assert len(again[second]["said"]) == 2


def test_what_was_said_of_a_flag_does_not_keep_it_standing_once_nothing_raises_it(say: Say, made: MadePark) -> None:
    gone, lame = code_of(made, Trouble.DISTEMPER), code_of(made, Trouble.LIMP)
    (flag,) = (row["flag"] for row in say("health", "flags", "--json") if row["rule"] == "not_seen")
    say("health", "acknowledge", flag, "--note", "rangers look for it")
    say("individuals", "rename", gone, "Leo 200")  # a code that says no sex
    say("individuals", "set", "Leo 200", "--forget", "sex")
    say("individuals", "merge", lame, "Leo 200", "--note", "one animal, and it is still seen")
    assert flag not in {row["flag"] for row in say("health", "flags", "--json")}
    every = {row["flag"]: row for row in say("health", "flags", "--all", "--json")}
    assert (every[flag]["state"], every[flag]["animal"], len(every[flag]["said"])) == ("ended", lame, 1)
    say("individuals", "undo")
    assert {row["flag"]: row["state"] for row in say("health", "flags", "--json")}[flag] == "acknowledged"


def test_what_was_dismissed_stays_so_for_the_animal_that_gets_the_sightings(say: Say, made: MadePark) -> None:
    code = code_of(made, Trouble.LIMP)
    flag = next(row for row in say("health", "flags", "--json") if row["animal"] == code)
    seen = [one["sighting"] for one in say("individuals", "show", code, "--json")["sightings"]]

    def raised() -> list[tuple[str, list[str]]]:
        return [(row["rule"], row["evidence"]) for row in say("health", "flags", "--json")]

    say("individuals", "split", code, *seen[1:], "--into", "Leo 200")
    assert (flag["rule"], flag["evidence"]) in raised()
    say("individuals", "undo")
    say("health", "dismiss", flag["flag"])
    say("individuals", "split", code, *seen[1:], "--into", "Leo 200")
    assert (flag["rule"], flag["evidence"]) not in raised()


def test_an_animal_is_shown_with_what_it_was_compared_with(say: Say, made: MadePark) -> None:
    code = code_of(made, Trouble.LIMP)
    found = say("health", code, "--json")
    assert found["animal"]["animal"] == code
    assert {one["indicator"] for one in found["indicators"]} >= {"gait_asymmetry", "travel_speed", "girth_length"}
    compared = [one for one in found["indicators"] if one["usual"] is not None]
    assert compared
    assert all(one["reference_size"] >= 5 and "own earlier sightings" in one["compared_with"] for one in compared)
    assert code in say("health", code)
    listed = say("health", "--json")
    assert {row["animal"] for row in listed} >= {code, code_of(made, Trouble.DISTEMPER)}


def test_the_past_can_be_asked_as_it_was(say: Say, made: MadePark) -> None:
    code = code_of(made, Trouble.DISTEMPER)
    assert "distemper_pattern" in {one["rule"] for one in say("health", code, "--json")["flags"]}
    onset = next(one.onset for one in made.cast.animals if one.code == code)
    before = say("health", code, "--on", onset, "--json")
    assert "distemper_pattern" not in {one["rule"] for one in before["flags"]}
    assert before["animal"]["last_seen"] <= str(onset)
    flag = next(row["flag"] for row in say("health", "flags", "--json") if row["rule"] == "distemper_pattern")
    say("health", "acknowledge", flag)
    assert say("health", code, "--on", onset, "--json")["flags"] == before["flags"]


def test_reports_say_nothing_that_only_a_vet_may(say: Say, made: MadePark, tmp_path: Path) -> None:
    code = code_of(made, Trouble.DISTEMPER)
    page, summary = tmp_path / "out" / "animal.html", tmp_path / "out" / "park.html"
    printed = say("health", code, "--out", page) + say("health", "--park", "--out", summary)
    texts = [page.read_text(), summary.read_text()]
    for text in (printed, *texts):
        assert not [word for word in FORBIDDEN if word in text.lower()]
    assert "attern that vets know from distemper; for a vet" in texts[0]
    assert "A flag is a reason to look" in texts[0]
    assert texts[0].count("data:image/svg") >= 7
    assert "What this cannot tell" in texts[1]
    assert all("ethotrap health acknowledge" in text and "ethotrap health reopen" not in text for text in texts)
    assert code in texts[1]


def test_where_no_animal_is_known_yet_it_says_how_to_enter_one(
    made: MadePark, tmp_path: Path, say_to: Callable[[Path], Say]
) -> None:
    archive, page = tmp_path / "archive", tmp_path / "park.html"
    filmed = [replace(one, shown=tuple(replace(s, recognised=False) for s in one.shown)) for one in made.filmed[:3]]
    write_park(replace(made, filmed=tuple(filmed)), open_store(archive))
    say = say_to(archive)
    for text in (say("health"), say("health", "flags"), say("health", "--park", "--out", page), page.read_text()):
        assert "ethotrap individuals new --track TRACK" in " ".join(text.split())
    assert say("health", "--json") == []


def test_a_flag_on_a_page_says_how_to_answer_it_and_links_to_its_clips(
    say: Say, made: MadePark, written: Path, tmp_path: Path
) -> None:
    code, page = code_of(made, Trouble.DISTEMPER), tmp_path / "animal.html"
    flag = next(row["flag"] for row in say("health", "flags", "--json") if row["animal"] == code)
    say("health", "dismiss", flag)
    say("health", code, "--out", page)
    assert f"ethotrap health reopen {flag}" in page.read_text()
    assert f"ethotrap health dismiss {flag}" not in page.read_text()
    found = read_health(open_store(written))
    clips = (ShownClip("1.1.1", "travel", "media/a b/1.mp4", "media/a b/1.jpg", 0.5),)
    for key, one in found.animals.items():
        visits = tuple(replace(visit, clips=clips) for visit in one.history.visits)
        found.animals[key] = replace(one, history=replace(one.history, visits=visits))
    assert 'href="../media/a%20b/1.mp4"' in park_report(found, written, written / "reports" / "park.html")


def test_whatever_animals_and_places_are_called_the_reports_are_written(
    say: Say, made: MadePark, tmp_path: Path
) -> None:
    code, odd, place = code_of(made, Trouble.LIMP), r"Leo $\b$ <3>", "\udce9\x1b$\\c$"
    say("individuals", "rename", code, odd)
    with open_store(tmp_path / "archive").writing() as connection:
        connection.execute(update(media).values(location_id=place))
    say("health", odd, "--out", tmp_path / "animal.html")
    say("health", "--park", "--out", tmp_path / "park.html")
    assert r"Leo $\b$ &lt;3&gt;" in (tmp_path / "park.html").read_text()
    assert r"\xe9\x1b$\c$" in (tmp_path / "animal.html").read_text()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH")
def test_a_report_shows_itself_in_a_browser_in_shades_of_grey(say: Say, made: MadePark, tmp_path: Path) -> None:
    import cv2
    import numpy as np

    page, picture = tmp_path / "animal.html", tmp_path / "animal.png"
    say("health", code_of(made, Trouble.LIMP), "--out", page)
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars --window-size=1000,2400"
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    subprocess.run(
        [str(CHROMIUM), *flags.split(), profile, f"--screenshot={picture}", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=120,
    )
    shown = cv2.imread(str(picture)).astype(int)
    assert np.ptp(shown, axis=2).max() <= 2  # no colour carries anything
    rows_with_ink = (shown[:, :, 0] < 128).any(axis=1)
    assert rows_with_ink[:2000].mean() > 0.3


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome on the PATH")
def test_the_words_of_a_report_fit_a_phone_and_wide_pictures_move_by_themselves(
    say: Say, made: MadePark, tmp_path: Path
) -> None:
    measure = "<script>document.title = `${document.documentElement.scrollWidth} of ${innerWidth}`</script></body>"
    animal, park = tmp_path / "animal.html", tmp_path / "park.html"
    say("health", code_of(made, Trouble.LIMP), "--out", animal)
    say("health", "--park", "--out", park)
    for page in (animal, park):
        page.write_text(page.read_text().replace("</body>", measure))
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars --window-size=400,900"
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        shown = subprocess.run(
            [str(CHROMIUM), *flags.split(), profile, "--dump-dom", page.as_uri()],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
        widths = re.search(r"<title>(\d+) of (\d+)</title>", shown)
        assert widths is not None
        assert int(widths[1]) <= int(widths[2]) <= 500


def test_a_report_is_written_though_nobody_reads_on(
    say: Say, made: MadePark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enough(*_: object, **__: object) -> None:
        raise ConfigError("nobody reads on")

    page = tmp_path / "animal.html"
    monkeypatch.setattr(health, "_show_animal", enough)
    assert status_of(["health", code_of(made, Trouble.LIMP), "--out", str(page)]) == 2
    assert page.is_file()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("health", "Leo 999F"), "no individual 'Leo 999F'"),
        (("health", "dismiss", "nothing"), "no flag 'nothing'"),
        (("health", "Leo 1F", "--park"), "--park is about all animals"),
        (("health", "--on", "yesterday"), "'yesterday' is no day"),
    ],
)
def test_what_cannot_be_done_is_said(say: Say, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in say(*words, status=2)


def test_a_flag_that_nobody_spoke_of_cannot_be_opened_again(say: Say) -> None:
    flag = say("health", "flags", "--json")[0]["flag"]
    assert "is open already" in say("health", "reopen", flag, status=2)
    say("health", "dismiss", flag)
    say("health", "reopen", flag)
    assert "is open already" in say("health", "reopen", flag, status=2)


def test_an_archive_without_a_date_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_store(tmp_path / "empty")
    assert status_of(["health", "--archive", str(tmp_path / "empty")]) == 2
    assert "no video of this archive is dated" in " ".join(capsys.readouterr().err.split())
