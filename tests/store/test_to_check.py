from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.report import NightReport, as_markdown
from pipeline.store.to_check import ToCheck, to_check
from tests.store.archive_samples import RIVER, captured, footage, found, stored

SPRING = replace(
    RIVER, start=datetime(2026, 3, 1, 12, tzinfo=UTC), end=datetime(2026, 5, 1, tzinfo=UTC), deployment_id="spring"
)


def film(store, path, at=None, place=SPRING, notes=()):
    video = replace(footage(path, deployment=place), captured=at and captured(at), time_notes=notes)
    stored(store, found(video))
    return video.media_id


def test_what_is_undated_nowhere_or_dated_outside_of_its_deployment_is_told_once_for_each_place(store):
    second = timedelta(seconds=1)
    film(store, "/card/1.MP4", SPRING.start)
    film(store, "/card/2.MP4", SPRING.end)
    early = [film(store, f"/card/{n}.MP4", SPRING.start - n * second, notes=("early",)) for n in (3, 4)]
    film(store, "/card/5.MP4", SPRING.end + second)
    film(store, "/card/6.MP4", None, notes=("RIFF:IDIT says 2000-01-01",))
    film(store, "/card/7.MP4", SPRING.end + second, RIVER)  # nobody knows when it was out
    film(store, "/lost/8.MP4", SPRING.start, None, ("no row",))
    film(store, "/lost/9.MP4", None, None)
    lost = Path("/lost/8.MP4"), Path("/lost/9.MP4")
    assert to_check(store) == [
        ToCheck("in no deployment", "/lost", 1, lost[0], ("no row",)),
        ToCheck("undated", "/lost", 1, lost[1], ()),
        ToCheck("dated after the deployment", "spring", 1, Path("/card/5.MP4"), ()),
        ToCheck("dated before the deployment", "spring", 2, Path("/card/3.MP4"), ("early",)),
        ToCheck("undated", "spring", 1, Path("/card/6.MP4"), ("RIFF:IDIT says 2000-01-01",)),
    ]
    assert [(one.what, one.videos) for one in to_check(store, early[1:])] == [("dated before the deployment", 1)]
    assert to_check(store, []) == []


def test_the_nights_report_names_what_is_to_be_checked():
    night = NightReport(SPRING.start, SPRING.end, 2, 0, 0, (), (), ())
    assert "to be checked" not in as_markdown(night)
    doubt = ToCheck("undated", "spring", 2, Path("/card/6.MP4"), ("IDIT says 1970", "no row"))
    text = as_markdown(replace(night, to_check=(doubt,)))
    assert "\n- 2 of spring: undated, as `/card/6.MP4` (IDIT says 1970; no row)\n" in text


def test_what_is_to_be_checked_may_have_any_name_and_notes():
    night = NightReport(SPRING.start, SPRING.end, 2, 0, 0, (), (), ())
    doubt = ToCheck("undated", "/caf\udce9", 1, Path("/caf\udce9/a`\x1b.mp4"), ("IDIT holds <b>\n",))
    text = as_markdown(replace(night, to_check=(doubt,)))
    assert "\n- 1 of /caf\\xe9: undated, as `` /caf\\xe9/a`\\x1b.mp4 `` (IDIT holds &lt;b>\\n)\n" in text
    text.encode()  # as Prefect sends it
