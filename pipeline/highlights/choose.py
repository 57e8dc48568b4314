"""Choose what goes into a highlight film: the best-looking clips, from many traps, and nobody on film who must not be.

A clip's score is the weighted sum of four things between 0 and 1:

| what | weight | why |
|---|---|---|
| size | 0.30 | an animal that fills 10 to 60 % of the picture can be seen and made out |
| wholeness | 0.25 | share of the bout in which it is not cut off by the picture's edge |
| probability | 0.25 | a film about play should show play |
| sharpness | 0.20 | blur is forgiven more readily than the rest |
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.highlights.quality import size_appeal
from pipeline.values import ClipQuality

_WEIGHTS = {"size": 0.30, "wholeness": 0.25, "probability": 0.25, "sharpness": 0.20}
SHORTEST_S = 1.0  # what is shorter only flashes up in a film


@dataclass(frozen=True, slots=True)
class ReelCandidate:
    """A clip that could go into a film."""

    bout_id: str
    media_id: str
    location_id: str | None  # None: not known
    behaviour: str
    species: str
    probability: float  # 0..1, of the behaviour; 1 where a person named it
    clip: str  # its path in the archive; a string, since there may be one for each bout of many years
    quality: ClipQuality
    start_s: float  # of the clip's first picture, in its video
    end_s: float  # of its last picture
    last_s: float  # for which that one stays; 0 where it is not known
    barred: str  # why the video must not be shown, such as "a person is in the video"; empty if it may be

    @property
    def length_s(self) -> float:
        """Seconds that the clip takes in a film."""
        return self.end_s - self.start_s + self.last_s


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes into a film, and what does not and why."""

    kept: tuple[ReelCandidate, ...]  # best first
    left_out: tuple[tuple[ReelCandidate, str], ...]  # best first, each with the reason in words

    @property
    def length_s(self) -> float:
        """Seconds of all clips that were kept."""
        return sum(candidate.length_s for candidate in self.kept)


def reel_score(candidate: ReelCandidate) -> float:
    """How well a clip would do in a film, 0..1; the module's text says how it is made up."""
    quality = candidate.quality
    return (
        _WEIGHTS["size"] * float(size_appeal(quality.size))
        + _WEIGHTS["wholeness"] * quality.wholeness
        + _WEIGHTS["probability"] * candidate.probability
        + _WEIGHTS["sharpness"] * quality.sharpness
    )


def choose(
    candidates: Sequence[ReelCandidate],
    max_clips: int,
    max_seconds: float,
    per_location: int,
    per_media: int = 1,
    without: Mapping[str, str] = MappingProxyType({}),
    hindrance: Callable[[ReelCandidate], str] = lambda _: "",
) -> Chosen:
    """Take the best clips that fit, going down by score, and say of each other one why it was left.

    One barred clip bars every clip of its video. Clips whose location is not known are not limited by `per_location`,
    since nothing says that they are from the same place. The order of `candidates` does not matter.

    Args:
        candidates: everything that could be shown, no bout twice.
        max_clips: most clips in all.
        max_seconds: most seconds in all.
        per_location: most clips from one location.
        per_media: most clips from one video.
        without: why a bout or a whole video is left out in any case, by its id.
        hindrance: why a clip cannot be shown, empty if it can; asked only of those that would be taken.
    """
    barred = _barred_media(candidates)
    kept: list[ReelCandidate] = []
    left_out: list[tuple[ReelCandidate, str]] = []
    for candidate in sorted(candidates, key=lambda candidate: (-reel_score(candidate), candidate.bout_id)):
        reason = (
            barred.get(candidate.media_id)
            or without.get(candidate.media_id)
            or without.get(candidate.bout_id)
            or _does_not_fit(candidate, kept, max_clips, max_seconds, per_location, per_media)
            or hindrance(candidate)
        )
        if reason:
            left_out.append((candidate, reason))
        else:
            kept.append(candidate)
    return Chosen(tuple(kept), tuple(left_out))


def _barred_media(candidates: Sequence[ReelCandidate]) -> dict[str, str]:
    reasons: dict[str, set[str]] = {}
    for candidate in candidates:
        if candidate.barred:
            reasons.setdefault(candidate.media_id, set()).add(candidate.barred)
    return {media: "; ".join(sorted(texts)) for media, texts in reasons.items()}


def _does_not_fit(
    candidate: ReelCandidate,
    kept: Sequence[ReelCandidate],
    max_clips: int,
    max_seconds: float,
    per_location: int,
    per_media: int,
) -> str:
    if candidate.length_s < SHORTEST_S:
        return f"it is shorter than {SHORTEST_S:g} s"
    if len(kept) >= max_clips:
        return f"the film already has {max_clips} better clips"
    if sum(other.length_s for other in kept) + candidate.length_s > max_seconds:
        return f"with it the film would be longer than {max_seconds:g} s"
    if Counter(other.media_id for other in kept)[candidate.media_id] >= per_media:
        return f"{per_media} better from the same video"
    places = Counter(other.location_id for other in kept)
    if candidate.location_id is not None and places[candidate.location_id] >= per_location:
        return f"{per_location} better from location {candidate.location_id}"
    return ""
