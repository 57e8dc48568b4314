"""The account of a run: what was seen, found and missed, for people first and as numbers beside it."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pipeline.plain_text import in_one_line
from pipeline.store.ledger import FailedFile
from pipeline.store.result import AnalysisResult, Failure, FileSeen
from pipeline.store.to_check import ToCheck
from pipeline.store.unreported import RecordedVideo
from pipeline.values import PEOPLE, Kind, State

REPORTS = "reports"  # folder of the archive for the accounts of its runs


@dataclass(frozen=True, slots=True)
class VideoSummary:
    """What one video came to: small enough to keep for a whole night's thousands."""

    media_id: str
    path: Path
    state: State
    reason: str  # why it failed
    transient: bool  # worth another try
    complaint: str  # what decoding could not read, although the rest was analysed
    duration_s: float
    animals: int
    species: tuple[str, ...]  # one entry an animal track
    people: int
    vehicles: int
    doubtful: int  # animals more likely than not that may be a person or a vehicle
    behaviours: tuple[str, ...]  # one entry a bout


@dataclass(frozen=True, slots=True)
class NightReport:
    """What a whole run came to.

    People and vehicles, and videos read in part, are listed also where a run that was killed before its report found
    them: of every video in the archive whose analysis ended after the last report. The sums are of this run alone.
    """

    started_at: datetime  # aware
    finished_at: datetime
    seen: int
    copies: int
    known: int  # whole files that were analysed before
    spoilt: tuple[tuple[str, str], ...]  # file and complaint: no readable video, or given up in an earlier run
    problems: tuple[str, ...]  # of the deployments table
    videos: tuple[VideoSummary, ...]
    placed_anew: int = 0  # known videos whose time or deployment a corrected table changed
    unreported: tuple[VideoSummary, ...] = ()  # analysed after the last report, by a run that wrote none
    to_check: tuple[ToCheck, ...] = ()  # places and times of what was analysed or placed anew since the last report

    @property
    def whole(self) -> bool:
        """Nothing failed."""
        return not self.spoilt and not self.failed

    @property
    def failed(self) -> tuple[VideoSummary, ...]:
        """Videos that could not be analysed."""
        return tuple(video for video in self.videos if video.state is State.FAILED)

    @property
    def people_or_vehicles(self) -> tuple[VideoSummary, ...]:
        """Videos with a person or a vehicle in view, or what may be one."""
        told = (*self.unreported, *self.videos)
        return tuple(video for video in told if video.people or video.vehicles or video.doubtful)

    @property
    def read_in_part(self) -> tuple[VideoSummary, ...]:
        """Videos of which decoding could not read everything."""
        return tuple(video for video in (*self.unreported, *self.videos) if video.complaint)

    def counts(self) -> dict[str, float]:
        """The numbers of the report, by stable names."""
        states = Counter(video.state for video in self.videos)
        seconds = sum(video.duration_s for video in self.videos)
        took = (self.finished_at - self.started_at).total_seconds()
        return {
            "seen": self.seen,
            "copies": self.copies,
            "known": self.known,
            "placed_anew": self.placed_anew,
            "analysed": states[State.ANALYSED],
            "blank": states[State.BLANK],
            "failed": states[State.FAILED] + len(self.spoilt),
            "animals": sum(video.animals for video in self.videos),
            "bouts": sum(len(video.behaviours) for video in self.videos),
            "people_or_vehicles": len(self.people_or_vehicles),
            "footage_hours": seconds / 3600,
            "took_s": took,
            "speed": seconds / took if took > 0 else 0.0,  # seconds of footage a second
        }


def summarise(path: Path, outcome: AnalysisResult | Failure) -> VideoSummary:
    """One video's line of the report."""
    if isinstance(outcome, Failure):
        return VideoSummary(
            outcome.media_id, path, State.FAILED, outcome.reason, outcome.transient, "", 0.0, 0, (), 0, 0, 0, ()
        )
    return summarise_recorded(
        RecordedVideo(
            media_id=outcome.footage.media_id,
            path=path,
            state=outcome.state,
            complaint=outcome.report.complaint,
            duration_s=outcome.report.decoded_duration_s,
            tracks=tuple((track.kind, track.species) for track in outcome.tracks),
            behaviours=tuple(one.bout.behaviour for one in outcome.bouts),
        )
    )


def summarise_recorded(video: RecordedVideo) -> VideoSummary:
    """The line of the report for a video that was analysed, in this run or before."""
    kinds = Counter(kind for kind, _ in video.tracks)
    species = tuple(species for kind, species in video.tracks if kind not in PEOPLE)
    return VideoSummary(
        media_id=video.media_id,
        path=video.path,
        state=video.state,
        reason="",
        transient=False,
        complaint=video.complaint,
        duration_s=video.duration_s,
        animals=len(species),
        species=species,
        people=kinds[Kind.PERSON],
        vehicles=kinds[Kind.VEHICLE],
        doubtful=kinds[Kind.UNKNOWN],
        behaviours=video.behaviours,
    )


def report_path(report: NightReport) -> Path:
    """Where a run's report lies, relative to the archive."""
    return Path(REPORTS) / f"night-{report.started_at:%Y%m%dT%H%M%SZ}.md"


def spoilt_files(files: Sequence[FileSeen], failed_before: Sequence[FailedFile]) -> tuple[tuple[str, str], ...]:
    """Files that are no readable video, and those that an earlier run gave up for good, each with the reason."""
    before = ((str(one.file), f"{one.reason} (found in an earlier run)") for one in failed_before)
    return (*((str(seen.path), seen.complaint) for seen in files), *before)


def as_markdown(report: NightReport) -> str:
    """The report for people: alerts first, then the sums, then what failed and why."""
    counts, anew, unreported = report.counts(), report.placed_anew, len(report.unreported)
    lines = [f"# Night of {report.started_at:%Y-%m-%d %H:%M} UTC", ""]
    if report.people_or_vehicles:
        lines += ["## People or vehicles in view", ""]
        for video in report.people_or_vehicles:
            seen = (
                (video.people, "person"),
                (video.vehicles, "vehicle"),
                (video.doubtful, "possible person or vehicle"),
            )
            lines.append(f"- {_code(video.path)}: {', '.join(f'{n} {name}' for n, name in seen if n)} track(s)")
        lines.append("")
    lines += [
        "## What was done",
        "",
        "| | |",
        "|---|---|",
        f"| video files seen | {report.seen} |",
        f"| of these copies of others | {report.copies} |",
        f"| analysed in an earlier run | {report.known} |",
        *([f"| analysed by a run that ended before its report | {unreported} |"] if unreported else []),
        *([f"| known, and their time or deployment corrected by the table | {anew} |"] if anew else []),
        f"| analysed now, with animals, people or vehicles | {counts['analysed']:.0f} |",
        f"| analysed now, blank | {counts['blank']:.0f} |",
        f"| failed | {counts['failed']:.0f} |",
        f"| animal tracks | {counts['animals']:.0f} |",
        f"| bouts of behaviour | {counts['bouts']:.0f} |",
        f"| footage | {counts['footage_hours']:.2f} h in {counts['took_s'] / 60:.1f} min |",
        f"| speed | {counts['speed']:.2f} s of footage a second |",
        "",
    ]
    lines += _tally("Species, by tracks", [species for video in report.videos for species in video.species])
    lines += _tally("Behaviours, by bouts", [behaviour for video in report.videos for behaviour in video.behaviours])
    failures = [*report.spoilt, *((str(video.path), video.reason) for video in report.failed)]
    lines += _listing("Failed", failures)
    lines += _listing("Read in part", [(str(video.path), video.complaint) for video in report.read_in_part])
    if report.to_check:
        found = [f"- {one.videos} of {_words(one.where)}: {_doubt(one)}" for one in report.to_check]
        lines += ["## Videos whose place or time is to be checked", "", *found, ""]
    if report.problems:
        lines += ["## Deployments table", "", *(f"- {_words(problem)}" for problem in report.problems), ""]
    return "\n".join(lines)


def _doubt(one: ToCheck) -> str:
    return f"{one.what}, as {_code(one.file)}" + (f" ({_words('; '.join(one.notes))})" if one.notes else "")


def _tally(title: str, words: Sequence[str]) -> list[str]:
    if not words:
        return []
    rows = [f"| {word} | {count} |" for word, count in Counter(words).most_common()]
    return [f"## {title}", "", "| | |", "|---|---|", *rows, ""]


def _listing(title: str, entries: Sequence[tuple[str, str]]) -> list[str]:
    if not entries:
        return []
    return [f"## {title}", "", *(f"- {_code(path)}: {_words(reason)}" for path, reason in entries), ""]


def _code(path: Path | str) -> str:
    """A file as Markdown's code, whatever it is called."""
    name = in_one_line(str(path))
    if "`" not in name:
        return f"`{name}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", name))))
    return f"{fence} {name} {fence}"


def _words(text: str) -> str:
    """A line of Markdown that quotes names of files or cells of a table; it may be shown as a web page."""
    return in_one_line(text).replace("<", "&lt;")


def as_json(report: NightReport) -> str:
    """The same for programs: the counts, every failure, every video."""
    tree = {
        "started_at": report.started_at.isoformat(),
        "finished_at": report.finished_at.isoformat(),
        "counts": report.counts(),
        "spoilt": [{"file": file, "reason": reason} for file, reason in report.spoilt],
        "problems": list(report.problems),
        "videos": [{**asdict(video), "path": str(video.path)} for video in report.videos],
        "to_check": [{**asdict(one), "file": str(one.file)} for one in report.to_check],
        "unreported": [{**asdict(video), "path": str(video.path)} for video in report.unreported],
    }
    return json.dumps(tree, indent=1, ensure_ascii=False)
