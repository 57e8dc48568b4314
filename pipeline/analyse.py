"""Analyse one video the whole way: decode, follow, name, cut. Runs in a child process, since decoding can kill one."""

import logging
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from models import registry
from pipeline.behaviour.bouts import name_also, name_bouts
from pipeline.behaviour.classifier import Classifier, Scene, unknown_throughout
from pipeline.behaviour.ethogram import Ethogram, load_ethogram, only_enabled
from pipeline.behaviour.evidence import evidence
from pipeline.behaviour.features import may_be_a_stump, measure
from pipeline.behaviour.network import BehaviourNetwork
from pipeline.behaviour.rules import Rules
from pipeline.behaviour.site import with_site
from pipeline.behaviour.weights import weights_in_use
from pipeline.behaviour.where_sure import as_used
from pipeline.errors import OutOfReachError, StoreError, VideoError
from pipeline.footage.access import read_through
from pipeline.footage.marked_tree import tree_if_readable
from pipeline.footage.placing import place_and_date
from pipeline.footage.tags import candidates
from pipeline.health.indicators import indicators
from pipeline.health.observed import Observed
from pipeline.highlights.cut import CutRequest, cut_clips, waves
from pipeline.individuals.calibration import read_calibration
from pipeline.individuals.flanks import FlankRule
from pipeline.individuals.saving import save_views
from pipeline.individuals.track_views import TrackViews
from pipeline.job import KIND_HEAD, Job
from pipeline.settings import RULES, Settings, find_config
from pipeline.store.boxes import write_boxes
from pipeline.store.result import (
    AnalysisResult,
    Failure,
    NumberedBout,
    bout_id,
    number_bouts,
    summarise_track,
)
from pipeline.tracking.detect import Detector
from pipeline.tracking.follow import Followed, follow
from pipeline.tracking.species import SpeciesNetwork
from pipeline.tracking.species_list import load_species
from pipeline.values import PEOPLE, Bout, Clip, Footage, Indicator, Kind, MarkedTree, Track, VideoInfo
from pipeline.video.decode import open_video

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Networks:
    """The loaded networks of one worker, and the classifier."""

    detect: Detector
    species: SpeciesNetwork
    detector_names_kinds: bool
    classify: Classifier
    ethogram: Ethogram
    flanks: FlankRule
    patterned: frozenset[str]  # species whose individuals can be told by their coats


def load_networks(settings: Settings) -> Networks:
    """Load everything that a worker needs, once.

    Raises:
        ModelError: a network is missing or cannot be loaded.
        ConfigError: the species list, the ethogram or the calibration of coat matching is wrong.
    """
    entry = registry.find(settings.detector.model)
    kinds = {index: Kind(kind) for index, kind in entry.classes.items()}
    species = load_species(find_config(settings.species.list))
    return Networks(
        detect=Detector(
            registry.weights_path(entry.name),
            kinds,
            max(entry.image_size),
            settings.detector.min_score,
            settings.detector.iou,
            settings.detector.close_up_side,
        ),
        species=SpeciesNetwork(
            registry.weights_path(settings.species.model),
            registry.weights_path(KIND_HEAD),
            species,
            settings.species,
        ),
        detector_names_kinds=len(set(kinds.values())) > 1,
        classify=load_classifier(settings),
        ethogram=load_ethogram(find_config(settings.behaviour.ethogram)),
        flanks=read_calibration().flank,
        patterned=frozenset(one.code for one in species if one.patterned),
    )


def load_classifier(settings: Settings) -> Classifier:
    """The classifier of behaviour that the settings name.

    Raises:
        ModelError: the network is missing or was made for another version.
    """
    weights = weights_in_use(settings)
    return Rules() if weights is None else as_used(BehaviourNetwork(weights), settings.behaviour.sure_from)


def analyse(job: Job, networks: Networks) -> AnalysisResult | Failure:
    """Analyse one video and leave its boxes, clips, posters and flank views in `job.work`.

    A video that cannot be read gives a `Failure`, and so does anything unforeseen: one file never costs another. What
    the machine is to blame for, a card that is away or a full disk, may pass; what the file is to blame for does not.
    """
    started = time.monotonic()
    footage: Footage | None = None  # until its place is known, what is on record of it stays
    try:
        shutil.rmtree(job.work, ignore_errors=True)
        job.work.mkdir(parents=True)
        footage = _place(job)
        return _analyse(job, networks, footage, started)
    except VideoError as error:
        lost = _out_of_reach(job.path, error)
        reason, transient = str(lost or error), lost is not None
    except StoreError as error:
        reason, transient = str(error), True
    except (OSError, MemoryError) as error:
        reason = f"{job.path.name}: {error.__class__.__name__}: {error}; it is tried again in the next run"
        transient = True
    except Exception as error:
        # The one boundary at which anything is caught: it costs this file, and the log tells the developers where.
        logger.exception("%s: unforeseen error", job.path)
        reason = f"{job.path.name}: unforeseen {error.__class__.__name__}: {error}; please report it with the log"
        transient = False
    shutil.rmtree(job.work, ignore_errors=True)
    return Failure(job.media_id, job.key, reason, transient, time.monotonic() - started, footage)


def _out_of_reach(path: Path, error: VideoError) -> OutOfReachError | None:
    """Why the file cannot be read now, if it cannot: to FFmpeg a card that is pulled out looks like a damaged file."""
    if isinstance(error, OutOfReachError):
        return error
    try:
        read_through(path)
    except OutOfReachError as cause:
        return cause
    return None


def _place(job: Job) -> Footage:
    deployment, captured, notes = place_and_date(
        job.path,
        job.roots,
        job.deployments,
        job.settings.site.timezone,
        candidates(job.path),
        job.now,
        on_record=job.on_record,
    )
    return Footage(job.path, job.media_id, job.size_bytes, deployment, captured, notes)


def _analyse(job: Job, networks: Networks, footage: Footage, started: float) -> AnalysisResult:
    settings = job.settings
    views = TrackViews(networks.flanks)
    with open_video(job.path) as video:
        info = video.info
        followed = follow(
            video,
            networks.detect,
            networks.species,
            networks.detector_names_kinds,
            settings,
            None if settings.behaviour.model == RULES else networks.species.describe,
            views.offer,
        )
        report = video.report()
    if report.complaint:
        read_through(job.path)  # else a card that was pulled out on the way would pass for a video that breaks off
    tree = tree_if_readable(footage.deployment.tags) if footage.deployment else None
    bouts, found = _interpret(followed, info, networks, settings, report.decoded_duration_s, tree)
    numbered = number_bouts(bouts)
    clips = _cut(job, info, followed, numbered)
    boxes_path = None
    if followed.tracks:
        boxes_path = Path("boxes.parquet")
        write_boxes(job.work / boxes_path, followed.tracks)
    return AnalysisResult(
        footage=footage,
        key=job.key,
        info=info,
        report=report,
        tracks=tuple(summarise_track(track) for track in followed.tracks),
        bouts=tuple(replace(one, clip=clips.get(_name(job, one))) for one in numbered),
        indicators=tuple(found),
        seconds=time.monotonic() - started,
        boxes_path=boxes_path,
        views=save_views(job.work, views, followed, info.width / info.height, networks.patterned),
    )


def _interpret(
    followed: Followed,
    info: VideoInfo,
    networks: Networks,
    settings: Settings,
    duration_s: float,
    tree: MarkedTree | None,
) -> tuple[list[Bout], list[Indicator]]:
    """Bouts and indicators of every animal. People and vehicles have tracks and no behaviour.

    What may as well be a stump has no behaviour either, and is nobody's company.
    """
    both = tuple(zip(followed.tracks, followed.samples, strict=True))
    people = tuple(samples for track, samples in both if track.kind in PEOPLE)
    animals = [(track, samples) for track, samples in both if track.kind not in PEOPLE]
    aspect = info.width / info.height
    features = [measure(samples, aspect) for _, samples in animals]
    stumps = [may_be_a_stump(*one, aspect) for one in animals]
    features = [replace(one, is_thing=one.is_thing or stump) for one, stump in zip(features, stumps, strict=True)]
    scene = Scene(tuple(samples for _, samples in animals), tuple(features), aspect, tree)
    classify, at_once = networks.classify, networks.ethogram.at_once()
    bouts: list[Bout] = []
    found: list[Indicator] = []
    for place, (track, own_samples) in enumerate(animals):
        beliefs = with_site(classify(scene, place), classify.codes, scene, place, settings.behaviour.marking_tree_odds)
        beliefs = only_enabled(beliefs, classify.codes, networks.ethogram)
        if stumps[place]:
            beliefs = unknown_throughout(len(beliefs), classify.codes)
        explain = partial(evidence, scene, place, classify.grounds(scene, place))
        own = name_bouts(
            track.number,
            features[place],
            beliefs,
            classify.codes,
            settings.behaviour,
            duration_s,
            explain,
            classify.shortest_s,
            at_once,
        )
        own = name_also(own, features[place].t, beliefs, classify.codes, at_once, settings.behaviour.also_from)
        bouts += own
        found += indicators(
            Observed(
                track=track.number,
                samples=own_samples,
                features=features[place],
                bouts=own,
                aspect=aspect,
                outlines=followed.outlines[track.number - 1],
                infrared=followed.infrared,
                people=people,
            )
        )
    return bouts, found


def _cut(job: Job, info: VideoInfo, followed: Followed, numbered: Sequence[NumberedBout]) -> Mapping[str, Clip]:
    """Clips by bout id, cut from the original in a second reading, with paths relative to the work folder."""
    tracks = {track.number: track for track in followed.tracks}
    wanted = [one for one in numbered if one.bout.behaviour not in job.settings.clips.skip]
    requests = [_request(_name(job, one), one.bout, tracks[one.bout.track]) for one in wanted]
    clips: dict[str, Clip] = {}
    for wave in waves(requests, info, job.settings.clips) if requests else ():
        with open_video(job.path) as video:
            cut = cut_clips(video.frames(), info, wave, job.work, job.settings.clips, video.pixel_aspect)
        for request, clip in zip(wave, cut, strict=True):
            clips[request.name] = replace(clip, path=Path(clip.path.name), poster=Path(clip.poster.name))
    return clips


def _name(job: Job, one: NumberedBout) -> str:
    return bout_id(job.media_id, one.bout.track, one.number)


def _request(name: str, bout: Bout, track: Track) -> CutRequest:
    inside = (track.t >= bout.start_s) & (track.t <= bout.end_s)
    if not inside.any():
        inside = np.arange(len(track.t)) == int(np.abs(track.t - bout.start_s).argmin())
    return CutRequest(name, bout.start_s, bout.end_s, track.t[inside], track.boxes[inside])
