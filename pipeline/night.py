"""One run over the footage: find what is new, analyse it, keep it, tell what happened.

Everything here is plain Python: the Prefect flow and `ethotrap analyse` are two ways to call it. What is done is
decided by the ledger alone, so a run that was killed is simply started again.
"""

import errno
import fcntl
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.behaviour.weights import with_archives_own
from pipeline.errors import BusyError, StoreError, UnreadableError
from pipeline.footage.deployments import Deployments, read_deployments
from pipeline.footage.discover import Found, find_videos
from pipeline.footage.fingerprint import fingerprint_of_copied, media_id
from pipeline.footage.placing_anew import left_behind, placed_anew
from pipeline.job import Job, analysis_key
from pipeline.report import (
    NightReport,
    VideoSummary,
    as_json,
    as_markdown,
    report_path,
    spoilt_files,
    summarise,
    summarise_recorded,
)
from pipeline.settings import Settings
from pipeline.store.footage import each_footage, filmed_in, record_footage, recorded_places
from pipeline.store.ledger import (
    FailedFile,
    Fingerprint,
    PendingMedia,
    known_fingerprints,
    nights,
    pending_media,
    record_files,
    save_night,
    status,
)
from pipeline.store.open import Store
from pipeline.store.result import AnalysisKey, AnalysisResult, Failure, FileSeen, Night
from pipeline.store.results import save_analysis, save_failure
from pipeline.store.to_check import to_check
from pipeline.store.unreported import analysed_after
from pipeline.values import Deployment
from pipeline.whole_file import whole_file
from pipeline.workers import Outcome, Workers, analyse_all, worker_pool

logger = logging.getLogger(__name__)

WORK = "work"  # folder of the archive for results that are not yet whole
MEDIA = "media"  # folder of the archive for those that are
LOCK = "run.lock"
ROOM_BYTES = 100_000_000  # of the archive's disk that no video may take: for the database and the report
TRIES = 2  # of a video whose failure may pass, within one run

Batch = Sequence[PendingMedia]

Step = Callable[[str, int, int], None]  # what is going on, done so far, in all; bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run found and has to do."""

    started_at: datetime  # aware
    roots: tuple[Path, ...]
    deployments: Deployments | None
    key: AnalysisKey
    settings: Settings
    seen: int  # files that are video or are called so
    spoilt: tuple[FileSeen, ...]  # files that cannot even be fingerprinted, or are no video
    copies: int  # files whose content was already found under another path
    pending: tuple[PendingMedia, ...]
    failed_before: tuple[FailedFile, ...]  # failed for good in an earlier run, and not tried again
    placed_anew: tuple[str, ...]  # ids of known videos whose time or deployment the table now corrects
    places: Mapping[str, Deployment]  # by media id, where pending videos are on record to have been filmed

    @property
    def pending_bytes(self) -> int:
        """Bytes of all pending videos: the best measure of the work ahead before they are opened."""
        return sum(media.size_bytes for media in self.pending)


@contextmanager
def only_run(archive: Path) -> Iterator[None]:
    """Hold the archive for one run; the system lets go of it however this process ends.

    Raises:
        BusyError: another run holds it.
    """
    with (archive / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"another run is working on {archive}; wait until it has ended (`ethotrap status` shows how far it is)"
            ) from error
        yield


def plan(
    store: Store,
    footage: Sequence[Path],
    settings: Settings,
    deployments: Path | None = None,
    *,
    retry_failed: bool = False,
    step: Step | None = None,
) -> Plan:
    """Scan the footage, write every file into the ledger, and list what has to be analysed.

    Where and when known videos were filmed is put right, wherever they are, if the deployments table was corrected.

    Args:
        store: the archive.
        footage: folders and files.
        settings: all of them; where they leave the behaviour network to the default, the archive's own is used.
        deployments: CSV of the deployments; None to go by the folders.
        retry_failed: try again also what failed for good.
        step: told how far the fingerprinting is.

    Raises:
        UnreadableError: one of `footage` does not exist.
        ConfigError: the deployments table as a whole is wrong.
        ModelError: a network is missing.
    """
    settings = with_archives_own(settings, store.archive)
    key = analysis_key(settings)
    table = read_deployments(deployments, settings.site.timezone) if deployments else None
    roots = tuple(path.resolve() for path in footage)
    found = list(find_videos(roots))
    files = _fingerprint_all(found, known_fingerprints(store), step)
    record_files(store, files, roots)
    whole = [seen for seen in files if not seen.complaint]
    paths = {seen.path for seen in whole}
    there = {seen.media_id: seen.path for seen in whole if seen.media_id}
    now = datetime.now(UTC)
    anew = placed_anew(each_footage(store), there, table, settings.site.timezone, now) if table else []
    record_footage(store, anew)
    if table:
        table = replace(table, problems=(*table.problems, *left_behind(filmed_in(store), table)))
    pending = pending_media(store, key, paths=paths, retry_failed=retry_failed)
    waiting = {media.media_id for media in pending}
    failed = [one for one in status(store).failed if one.media in there and one.media not in waiting]
    return Plan(
        started_at=now,
        roots=roots,
        deployments=table,
        key=key,
        settings=settings,
        seen=len(files),
        spoilt=tuple(seen for seen in files if seen.complaint),
        copies=len(whole) - len({seen.media_id for seen in whole}),
        pending=tuple(pending),
        failed_before=tuple(failed),
        placed_anew=tuple(one.media_id for one in anew),
        places=recorded_places(store, sorted(waiting)),
    )


def batches(pending: Batch, size: int) -> list[Batch]:
    """The pending videos in groups of at most `size`."""
    return [pending[start : start + size] for start in range(0, len(pending), size)]


def run_batch(
    store: Store,
    this: Plan,
    workers: Workers,
    batch: Batch,
    kept: dict[str, VideoSummary],
    done: Callable[[int], None] | None = None,
) -> list[VideoSummary]:
    """Analyse a batch of videos and keep each outcome as soon as it is there.

    Args:
        store: the archive.
        this: the run's plan.
        workers: from `workers.worker_pool`.
        batch: some of the plan's pending videos.
        kept: by media id, the outcomes that are kept; added to. Those that a try before this one kept, until the
            database went away, are not analysed again.
        done: told the size in bytes of each video that is finished.

    Raises:
        StoreError: an outcome cannot be kept, or the archive's disk is all but full; those before it are kept.
    """
    ensure_room(store.archive)

    def keep_and_tell(job: Job, outcome: Outcome) -> None:
        keep(store, job, outcome)
        kept[job.media_id] = summarise(job.path, outcome)
        if done:
            done(job.size_bytes)
        ensure_room(store.archive)

    left = [media for media in batch if media.media_id not in kept]
    analyse_all(workers, [_job(store, this, media) for media in left], keep_and_tell)
    return [kept[media.media_id] for media in batch]


def ensure_room(archive: Path) -> None:
    """End a run before the archive's disk is full: else each further video would be analysed for nothing.

    Raises:
        StoreError: less than `ROOM_BYTES` are free.
    """
    free = shutil.disk_usage(archive).free
    if free < ROOM_BYTES:
        raise StoreError(
            f"the disk of the archive {archive} is all but full, with {free / 1e6:.0f} MB left; "
            "make room and run again: what was finished is kept, and the rest is still to be done"
        )


def keep(store: Store, job: Job, outcome: Outcome) -> None:
    """Put a finished video's files into their place and its results into the database, all of it or nothing.

    The files go first, under a name that nothing refers to yet; the transaction then makes them count. A crash in
    between leaves files that the next run replaces. They are on the disk by then, not in memory alone: else a power cut
    could leave empty clips that the database takes for whole ones.
    """
    if isinstance(outcome, Failure):
        save_failure(store, outcome)
        shutil.rmtree(job.work, ignore_errors=True)
        return
    home = media_folder(job.media_id) / job.key.analysis_id(job.media_id)
    shutil.rmtree(store.archive / home, ignore_errors=True)
    (store.archive / home).parent.mkdir(parents=True, exist_ok=True)
    _settle(job.work, *job.work.rglob("*"))
    job.work.rename(store.archive / home)
    _settle(*(store.archive / home).parents[:4])
    for leftover in save_analysis(store, _moved(outcome, home)):
        _remove(store.archive / leftover)


def media_folder(media_id: str) -> Path:
    """Where a video's results lie, relative to the archive; two digits first so that no folder grows too large."""
    return Path(MEDIA) / media_id[:2] / media_id


def sweep(archive: Path) -> None:
    """Remove what a killed run left half done."""
    shutil.rmtree(archive / WORK, ignore_errors=True)


def _fingerprint_all(found: Sequence[Found], known: dict[Path, Fingerprint], step: Step | None) -> list[FileSeen]:
    total, done = sum(one.size_bytes for one in found), 0
    files = []
    for one in found:
        files.append(_fingerprint(one, known.get(one.path)))
        done += one.size_bytes
        if step:
            step("reading files", done, total)
    return files


def _fingerprint(one: Found, known: Fingerprint | None) -> FileSeen:
    seen = FileSeen(one.path, one.size_bytes, one.mtime_ns, None)
    if one.complaint:
        return replace(seen, complaint=one.complaint, transient="cannot be read" in one.complaint)
    if known and (known.size_bytes, known.mtime_ns) == (one.size_bytes, one.mtime_ns):
        return replace(seen, sha256=known.sha256)
    try:
        whole, beginning = fingerprint_of_copied(one, known.size_bytes if known else 0)
    except UnreadableError as error:
        return replace(seen, complaint=str(error), transient=True)
    grown = known is not None and beginning == known.sha256 != whole
    return replace(seen, sha256=whole, continues=media_id(beginning) if grown else None)


def _job(store: Store, this: Plan, media: PendingMedia) -> Job:
    readable = (path for path in media.paths if os.access(path, os.R_OK))
    return Job(
        media_id=media.media_id,
        path=next(readable, media.paths[0]),  # a copy may lie on a card that has been pulled out meanwhile
        size_bytes=media.size_bytes,
        roots=this.roots,
        deployments=this.deployments,
        now=this.started_at,
        key=this.key,
        settings=this.settings,
        work=store.archive / WORK / media.media_id,
        on_record=this.places.get(media.media_id),
    )


def _moved(result: AnalysisResult, home: Path) -> AnalysisResult:
    bouts = tuple(
        one
        if one.clip is None
        else replace(one, clip=replace(one.clip, path=home / one.clip.path, poster=home / one.clip.poster))
        for one in result.bouts
    )
    views = tuple(
        replace(one, picture=home / one.picture, pattern=one.pattern and home / one.pattern) for one in result.views
    )
    return replace(result, bouts=bouts, boxes_path=result.boxes_path and home / result.boxes_path, views=views)


def _settle(*paths: Path) -> None:
    """Wait until files, and what folders hold, are on the disk, as far as its file system can be asked for that."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    """Delete a file that nothing refers to any more, and the analysis' folders around it that are empty now."""
    try:
        path.unlink(missing_ok=True)
        for folder in path.parents[:2]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    except OSError as error:
        logger.warning("cannot remove the outdated %s: %s", path, error.strerror)


RunBatches = Callable[[Callable[[Batch], list[VideoSummary]], list[Batch]], list[VideoSummary]]


def one_by_one(work: Callable[[Batch], list[VideoSummary]], todo: list[Batch]) -> list[VideoSummary]:
    """The plainest way to run batches: in this thread, one after the other."""
    return [summary for batch in todo for summary in work(batch)]


def run(
    store: Store, this: Plan, run_batches: RunBatches = one_by_one, done: Callable[[int], None] | None = None
) -> NightReport:
    """Analyse all that is pending, write the report, and keep the run's account in the ledger.

    Videos that failed in a way that may pass are tried once more at the end. What a run that was killed had finished is
    in no report yet, so this one tells of it.

    Args:
        store: the archive, held by `only_run`.
        this: from `plan`.
        run_batches: calls the given function with every batch and collects the summaries; how, and how many at a
            time, is its own affair.
        done: told the size in bytes of each video that is finished; may be called from several threads.

    Raises:
        StoreError: an outcome cannot be kept, or the archive's disk is all but full; what was finished before is kept.
    """
    sweep(store.archive)
    told = max((night.finished_at for night in nights(store)), default=None)
    unreported = [summarise_recorded(video) for video in analysed_after(store, told)]
    videos: dict[str, VideoSummary] = {}
    todo = list(this.pending)
    for _ in range(TRIES):
        if not todo:
            break
        found = _try(store, this, todo, run_batches, done)
        videos.update({video.media_id: video for video in found})
        again = {video.media_id for video in found if video.transient}
        todo = [media for media in todo if media.media_id in again]
    report = NightReport(
        started_at=this.started_at,
        finished_at=datetime.now(UTC),
        seen=this.seen,
        copies=this.copies,
        known=this.seen - this.copies - len(this.spoilt) - len(this.pending) - len(this.failed_before),
        spoilt=spoilt_files(this.spoilt, this.failed_before),
        problems=this.deployments.problems if this.deployments else (),
        videos=tuple(videos.values()),
        placed_anew=len(this.placed_anew),
        to_check=tuple(to_check(store, {*videos, *this.placed_anew, *(video.media_id for video in unreported)})),
        unreported=tuple(video for video in unreported if video.media_id not in videos),
    )
    _publish(store, report)
    sweep(store.archive)
    return report


def _try(
    store: Store, this: Plan, todo: Batch, run_batches: RunBatches, done: Callable[[int], None] | None
) -> list[VideoSummary]:
    """Analyse videos once, in worker processes of their own: those of an earlier try may have died."""
    kept: dict[str, VideoSummary] = {}
    with worker_pool(this.settings) as workers:

        def work(batch: Batch) -> list[VideoSummary]:
            return run_batch(store, this, workers, batch, kept, done)

        return run_batches(work, batches(todo, this.settings.run.batch))


def _publish(store: Store, report: NightReport) -> None:
    path = report_path(report)
    for relative, text in ((path, as_markdown(report)), (path.with_suffix(".json"), as_json(report))):
        target = store.archive / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as unfinished:
            unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")
    save_night(store, Night(path.stem, report.started_at, report.finished_at, report.counts(), path))
