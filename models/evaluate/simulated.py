"""The shipped pipeline on simulated clips, scored against their truth.

The clips go through the same run as a night's footage, into an archive: in child processes, each costing only itself
when it fails, and not again if the archive holds their analysis under the present version, networks and settings.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.evaluate.alarms import EmptyRow, PeopleScore, empty_rows, people_score
from models.evaluate.compared import Compared, FoundTrack, compare
from models.evaluate.coverage import CoverageRow, coverage, sights_of
from models.evaluate.mot import IdentityScore, identity_score, require_trackeval
from models.evaluate.naming import NamingRow, naming_rows
from models.evaluate.truths import TrueClip, read_truths
from models.simulate.split import split_of
from pipeline import night
from pipeline.errors import EthotrapError, StoreError
from pipeline.settings import Settings
from pipeline.store.boxes import read_boxes
from pipeline.store.ledger import known_fingerprints
from pipeline.store.open import Store, open_store
from pipeline.store.queries import TrackQuery, tracks, videos
from pipeline.store.result import ID_DIGITS, AnalysisKey
from pipeline.store.rows import MediaRow, TrackRow
from pipeline.values import State

BOXES = "boxes.parquet"

Start = Callable[[int, int], None]  # told the bytes and the number of videos that are to be analysed
Done = Callable[[int], None]  # told the bytes of each that is finished


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was scored, and whether the clips are what they say."""

    clips: int
    seconds: float
    splits: Mapping[str, int]  # clips by the split that they say
    seeds: int  # different ones, of cameras, performances and coats
    strangers: tuple[str, ...]  # clips with a seed that belongs to another split than theirs
    analysed: AnalysisKey
    left_out: tuple[str, ...]  # clips that could not be scored, and why


@dataclass(frozen=True, slots=True)
class SimulatedScore:
    """How the pipeline did on a folder of simulated clips."""

    about: Provenance
    coverage: tuple[CoverageRow, ...]
    empty: tuple[EmptyRow, ...]
    people: PeopleScore | None
    identity: IdentityScore | None
    naming: tuple[NamingRow, ...]


def score_simulated(
    folder: Path,
    archive: Path | None,
    settings: Settings,
    start: Start | None = None,
    done: Done | None = None,
) -> SimulatedScore:
    """Follow every clip of a folder and score the tracks.

    Args:
        folder: of `ethotrap simulate`.
        archive: where the analyses are kept, with its database in it; None for a passing one.
        settings: what the pipeline runs under.
        start: told how much is to be analysed.
        done: told how much of it is finished.

    Raises:
        ConfigError: the folder holds no simulated clip.
        EthotrapError: TrackEval is missing, or the run as a whole cannot be done.
    """
    require_trackeval()
    with analysed(folder, archive, settings, start, done) as (store, key, clips, faults):
        compared, more_faults = compare_all(store, key, clips)
    return score(compared, key, (*faults, *more_faults))


@contextmanager
def analysed(
    folder: Path, archive: Path | None, settings: Settings, start: Start | None = None, done: Done | None = None
) -> Iterator[tuple[Store, AnalysisKey, list[TrueClip], list[str]]]:
    """Follow every clip of a folder; the archive stands as long as the block lasts.

    Args:
        folder: of `ethotrap simulate`.
        archive: where the analyses are kept; None for a passing one.
        settings: what the pipeline runs under.
        start: told how much is to be analysed.
        done: told how much of it is finished.

    Yields:
        The archive, what its analyses hang on, the clips, and what is wrong with others.

    Raises:
        ConfigError: the folder holds no simulated clip.
        EthotrapError: the run as a whole cannot be done.
    """
    clips, faults = read_truths(folder)
    with ExitStack() as stack:
        if archive is None:
            archive = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ethotrap-score-")))
        store = open_store(archive.resolve())
        stack.callback(store.engine.dispose)
        with night.only_run(store.archive):
            this = night.plan(store, [clip.video for clip in clips], settings)
            if start:
                start(this.pending_bytes, len(this.pending))
            night.run(store, this, done=done)
        yield store, this.key, clips, faults


def score(compared: Sequence[Compared], key: AnalysisKey, left_out: Sequence[str] = ()) -> SimulatedScore:
    """Score clips whose tracks lie over their truth.

    Args:
        compared: the clips.
        key: what their analyses hang on.
        left_out: what to say of clips that are not among them.

    Raises:
        EthotrapError: no clip is left, or TrackEval is missing.
    """
    if not compared:
        raise EthotrapError("; ".join(["no clip could be scored", *left_out]))
    return SimulatedScore(
        about=provenance([one.clip for one in compared], key, left_out),
        coverage=tuple(coverage(sights_of(compared))),
        empty=tuple(empty_rows(compared)),
        people=people_score(compared),
        identity=identity_score(compared),
        naming=tuple(naming_rows(compared)),
    )


def has_stranger(clip: TrueClip) -> bool:
    """Whether any of a clip's seeds belongs to another split than the clip says."""
    try:
        return any(split_of(seed) != clip.split for seed in clip.seeds)
    except ValueError:
        return True


def provenance(clips: Sequence[TrueClip], key: AnalysisKey, left_out: Sequence[str]) -> Provenance:
    """What was scored.

    Args:
        clips: those that were.
        key: what their analyses hang on.
        left_out: what to say of others.
    """
    return Provenance(
        clips=len(clips),
        seconds=float(sum(clip.steps.sum() for clip in clips)),
        splits=dict(sorted(Counter(clip.split for clip in clips).items())),
        seeds=len({seed for clip in clips for seed in clip.seeds}),
        strangers=tuple(clip.name for clip in clips if has_stranger(clip)),
        analysed=key,
        left_out=tuple(left_out),
    )


def compare_all(store: Store, key: AnalysisKey, clips: Sequence[TrueClip]) -> tuple[list[Compared], list[str]]:
    """Lay what an archive holds of clips over their truth.

    Returns:
        Those that could be compared, and why the others could not.
    """
    media_of = {path: seen.sha256[:ID_DIGITS] for path, seen in known_fingerprints(store).items()}
    rows = {row.media: row for row in videos(store)}
    wanted = {clip.video.resolve() for clip in clips}
    found = _tracks_by_media(store, tuple({media for path, media in media_of.items() if path in wanted}))
    compared, faults = [], []
    for clip in clips:
        media = media_of.get(clip.video.resolve())
        row = rows.get(media) if media else None
        reason = _why_not(row)
        if media is None or reason:
            faults.append(f"{clip.name}: {reason}")
            continue
        try:
            compared.append(compare(clip, _found_tracks(store, key, media, found.get(media, [])), media))
        except (StoreError, ValueError) as error:
            faults.append(f"{clip.name}: {error}")
    return compared, faults


def _why_not(row: MediaRow | None) -> str:
    """Why a video has no result; "" if it has one."""
    if row is None:
        return "the video cannot be read"
    return "" if row.state in (State.ANALYSED, State.BLANK) else row.reason or f"it is {row.state.value}"


def _tracks_by_media(store: Store, media: tuple[str, ...]) -> dict[str, list[TrackRow]]:
    rows: dict[str, list[TrackRow]] = {}
    for row in tracks(store, TrackQuery(media=media)):
        rows.setdefault(row.media, []).append(row)
    return rows


def _found_tracks(store: Store, key: AnalysisKey, media: str, rows: Sequence[TrackRow]) -> list[FoundTrack]:
    if not rows:
        return []
    boxes = read_boxes(store.archive / night.media_folder(media) / key.analysis_id(media) / BOXES)
    tracks_of = {number[0]: part for number, part in boxes.partition_by("track", as_dict=True).items()}
    return [
        FoundTrack(
            kind=row.kind,
            species=row.machine_species,
            frame=tracks_of[row.track]["frame"].to_numpy(),
            boxes=tracks_of[row.track].select("x", "y", "w", "h").to_numpy().astype(float),
        )
        for row in rows
    ]
