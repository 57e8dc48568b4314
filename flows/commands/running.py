"""Commands that analyse footage: run, analyse, serve, status."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter, Token

from flows.beforehand import check_archive, check_free, check_named, check_schedule, doubts
from flows.commands.display import console, err_console, print_json, print_table
from flows.commands.options import DEFAULT_ARCHIVE, Archive, Config, Json, read_archive, settings_of
from flows.progress import Progress
from flows.server import prefect_server, quiet
from pipeline.behaviour.weights import with_archives_own
from pipeline.footage.deployments import read_deployments
from pipeline.footage.discover import find_videos
from pipeline.report import NightReport, report_path
from pipeline.store.labels import unattached_labels
from pipeline.store.ledger import copy_ledger
from pipeline.store.ledger import status as ledger_status
from pipeline.store.open import DATABASE, copy_database, database_address, open_store
from pipeline.store.queries import people_in_view
from pipeline.store.to_check import ToCheck, to_check

Deployments = Annotated[
    Path | None, Parameter(name=["--deployments", "-d"], help="CSV of the deployments, with Camtrap DP's columns.")
]
RetryFailed = Annotated[bool, Parameter(negative="", help="Try again also what failed for good.")]
DryRun = Annotated[bool, Parameter(negative="", help="Only say what would be done.")]

WHOLE, FILES_FAILED = 0, 1


def named_path(_type: object, tokens: Sequence[Token]) -> Path:
    """A path from the command line; not an empty one, which would mean the folder where the command happens to run.

    Raises:
        ValueError: it is empty.
    """
    if not tokens[0].value:
        raise ValueError("a path is empty; is a variable of the script not set?")
    return Path(tokens[0].value)


def register(app: App) -> None:
    """Add these commands to the application."""
    for command in (run, analyse, serve, status):
        app.command(command)


def run(
    *footage: Annotated[Path, Parameter(help="Folders, cards or single files.", converter=named_path)],
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
    deployments: Deployments = None,
    retry_failed: RetryFailed = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Analyse what is new in the footage, as a Prefect flow, and keep it in the archive.

    Nothing on a card is ever changed. A run that was interrupted is simply started again.
    Exit status: 0 if every file was analysed, 1 if some failed, 2 if the run could not be done.

    For example:

    ```
    ethotrap run /media/card1 /media/card2 --archive /data/archive
    ethotrap run /data/footage -a /data/archive -d deployments.csv -c park.yaml
    ethotrap run /media/card1 --dry-run
    ```
    """
    check_named(footage)
    if dry_run:
        return _dry_run(footage, archive, config, deployments, retry_failed, json)
    settings = settings_of(config)  # what is wrong with the command is said before a server is started for it
    find_videos(footage)
    if deployments:
        read_deployments(deployments, settings.site.timezone)
    check_archive(archive)
    check_free(archive)
    with prefect_server(archive / "prefect"):
        from flows.nightly import nightly, parameters

        with Progress.shown():
            report: Any = nightly(**parameters(footage, archive, config, deployments), retry_failed=retry_failed)
    return _tell(report, archive, json)


def analyse(
    *videos: Annotated[Path, Parameter(help="Video files or folders.", converter=named_path)],
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
    deployments: Deployments = None,
    retry_failed: RetryFailed = False,
    json: Json = False,
) -> int:
    """Analyse a few videos without Prefect: the same work, the same archive, started sooner.

    Exit status: 0 if every file was analysed, 1 if some failed, 2 if it could not be done.

    For example:

    ```
    ethotrap analyse IMG_0001.MP4
    ethotrap analyse *.AVI --archive /data/archive
    ```
    """
    from flows.analysing import analyse_footage

    check_named(videos)
    with Progress.shown() as progress:
        report = analyse_footage(videos, archive, config, deployments, retry_failed=retry_failed, progress=progress)
    return _tell(report, archive, json)


def serve(
    *footage: Annotated[Path, Parameter(help="Folders that cards are copied to.", converter=named_path)],
    cron: Annotated[str, Parameter(help="When to run, as cron writes it.")] = "0 2 * * *",
    timezone: Annotated[str | None, Parameter(help="Zone of that time. [default: the site's]")] = None,
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
    deployments: Deployments = None,
) -> int:
    """Run every night by a schedule, until stopped with Ctrl-C.

    Uses the Prefect server that PREFECT_API_URL names, or starts one of its own that listens on this machine only.
    Of several missed nights one run makes up for all. A night that finds another run at work is skipped.
    Exit status: 2 if the schedule, the settings or the archive cannot be used.

    For example:

    ```
    ethotrap serve /data/footage --archive /data/archive
    ethotrap serve /data/footage --cron "0 2 * * *" --timezone Asia/Vladivostok
    ```
    """
    check_named(footage)
    settings = settings_of(config)
    zone = settings.site.timezone if timezone is None else timezone
    home = archive / "prefect"
    check_archive(archive)
    os.environ.update(quiet(home.absolute()))  # before the next check imports Prefect
    check_schedule(cron, zone)
    for doubt in doubts(footage, deployments, settings.site.timezone):
        err_console.print(f"ethotrap: warning: {doubt}", soft_wrap=True)
    with prefect_server(home) as own:
        from flows.schedule import mark_interrupted, serve_nightly

        if own and (interrupted := mark_interrupted(archive)):
            err_console.print(f"Runs stopped or killed before their end: {interrupted}. The next one goes on there.")
        page = os.environ["PREFECT_API_URL"].removesuffix("/api")
        served = f"Runs at {cron!r}, {zone}; archive {archive}; Prefect's page: {page}. Ctrl-C ends it."
        err_console.print(served, soft_wrap=True)
        serve_nightly(footage, archive, config, deployments, cron, zone)
    return WHOLE


def status(*, archive: Archive = DEFAULT_ARCHIVE, json: Json = False) -> int:
    """Say how many videos are analysed, blank, failed or pending, and why each failed one did.

    Videos with a person or a vehicle in view come first; unknown is an animal that may be either.
    JSON keys: videos {analysed, blank, failed, pending}, failed [{file, reason, transient, media}],
    people_or_vehicles [{file, kinds, location, captured_at, media}], to_check (undated, in no deployment or dated
    outside of it) [{what, where, videos, file, notes}], unattached_labels (of bouts that the machine no longer finds)
    [{file, label_id, media, start_s, end_s, behaviour, species, who, at, ...}].

    For example:

    ```
    ethotrap status --archive /data/archive
    ethotrap status --json
    ```
    """
    here = database_address() or (archive / DATABASE).is_file()  # for writing: an older one is brought up to date
    store = open_store(archive.resolve(), database_address()) if here else read_archive(archive)
    found, people, unheard = ledger_status(store), people_in_view(store), unattached_labels(store)
    unsure = to_check(store)
    if json:
        videos = {state.value: count for state, count in found.counts.items()}
        labels = [{"file": file, **asdict(one)} for file, one in unheard]
        alerts = {"people_or_vehicles": people, "to_check": unsure, "unattached_labels": labels}
        print_json({"videos": videos, "failed": found.failed, **alerts})
        return WHOLE
    if people:
        rows = [[str(one.file), ", ".join(one.kinds), one.location or "", one.captured_at or ""] for one in people]
        print_table("People or vehicles in view", ["file", "kinds", "location", "captured_at"], rows)
    print_table("Videos", ["state", "videos"], [[state.value, count] for state, count in found.counts.items()])
    if found.failed:
        print_table("Failed", ["file", "reason"], [[str(one.file), one.reason] for one in found.failed])
    _tell_what_to_check(unsure)
    if unheard:
        columns = ("file", "label", "start_s", "end_s", "behaviour", "species", "who")
        said = [(f, b.label_id, b.start_s, b.end_s, b.behaviour or "", b.species or "", b.who) for f, b in unheard]
        print_table("Labels whose bout the machine no longer finds", columns, said)
    return WHOLE


def _dry_run(
    footage: tuple[Path, ...],
    archive: Path,
    config: Path | None,
    deployments: Path | None,
    retry_failed: bool,
    json: bool,
) -> int:
    """Plan against a copy of the ledger, so that not even the ledger changes."""
    from pipeline import night

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        if database_address():
            copy_ledger(read_archive(archive), open_store(copy))
        elif (archive / DATABASE).is_file():
            copy_database(archive, copy)
        with Progress.shown() as progress:
            this = night.plan(
                open_store(copy),
                footage,
                with_archives_own(settings_of(config), archive),
                deployments,
                retry_failed=retry_failed,
                step=progress.step,
            )
    problems = this.deployments.problems if this.deployments else ()
    tell_problems(problems)
    if json:
        print_json(
            {
                "seen": this.seen,
                "copies": this.copies,
                "placed_anew": len(this.placed_anew),
                "pending": [{"media": media.media_id, "file": media.paths[0]} for media in this.pending],
                "failed": [{"file": seen.path, "reason": seen.complaint} for seen in this.spoilt],
                "table_problems": problems,
            }
        )
        return WHOLE
    print_table("Would analyse", ["video", "MB"], [[str(m.paths[0]), m.size_bytes / 1e6] for m in this.pending])
    if this.spoilt:
        print_table("Cannot be analysed", ["file", "reason"], [[str(s.path), s.complaint] for s in this.spoilt])
    console.print(f"{this.seen} files seen, {len(this.pending)} to analyse, {this.pending_bytes / 1e6:.0f} MB.")
    if this.placed_anew:
        console.print(_placed_anew(len(this.placed_anew)))
    return WHOLE


def tell_problems(problems: Sequence[str]) -> None:
    """Say on standard error what is wrong in a deployments table."""
    for problem in problems:
        err_console.print(f"deployments table: {problem}", soft_wrap=True)


def _placed_anew(videos: int) -> str:
    return f"Known videos whose time, or what is known of their deployment, the table corrects: {videos}."


def _tell_what_to_check(found: Sequence[ToCheck]) -> None:
    if found:
        rows = [[one.what, one.where, one.videos, str(one.file), "; ".join(one.notes)] for one in found]
        print_table("Place or time to be checked", ["what", "where", "videos", "such as", "its notes"], rows)


def _tell(report: NightReport, archive: Path, json: bool) -> int:
    counts = report.counts()
    tell_problems(report.problems)
    if not report.seen:
        err_console.print("No video was found there. Ethotrap analyses video alone: stills are passed over.")
    if json:
        print_json({"counts": counts, "report": archive / report_path(report), "table_problems": report.problems})
        return WHOLE if report.whole else FILES_FAILED
    if report.people_or_vehicles:
        rows = [[str(v.path), v.people, v.vehicles, v.doubtful] for v in report.people_or_vehicles]
        print_table("People or vehicles in view", ["video", "people", "vehicles", "may be either"], rows)
    names = ("seen", "copies", "known", "analysed", "blank", "failed", "animals", "bouts")
    print_table("Videos", names, [[int(counts[name]) for name in names]])
    failures = [*report.spoilt, *((str(video.path), video.reason) for video in report.failed)]
    if failures:
        print_table("Failed", ["file", "reason"], failures)
    partly = [[str(video.path), video.complaint] for video in report.read_in_part]
    if partly:
        print_table("Read in part", ["file", "what is missing"], partly)
    if report.placed_anew:
        console.print(_placed_anew(report.placed_anew))
    _tell_what_to_check(report.to_check)
    console.print(
        f"{counts['footage_hours'] * 60:.1f} min of footage in {counts['took_s']:.0f} s"
        f" ({counts['speed']:.1f} times real time). Report: {archive / report_path(report)}"
    )
    return WHOLE if report.whole else FILES_FAILED
