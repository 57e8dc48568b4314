"""What is compared: true bouts and predicted bouts of one subject, and under what conditions a video was filmed."""

from dataclasses import dataclass

EMPTY = "empty"  # as a true behaviour: it is known that nobody is there
NO_TRACK = "no track"  # as a predicted behaviour: nothing was followed there


@dataclass(frozen=True, slots=True)
class TrueBout:
    """What one subject really does for a while, by people's word or a simulator's.

    Times that no true bout of a subject covers are not labelled, and nothing that is said of them counts.
    """

    video: str
    subject: str  # one animal, or whatever the labels tell apart, within the video
    behaviours: tuple[str, ...]  # codes; each of several is right. `unknown`: nobody can tell. `empty`: nobody is there
    start_s: float  # seconds in the video
    end_s: float
    censored_start: bool = False  # the behaviour may have begun earlier: the video or the view did not
    censored_end: bool = False

    def __post_init__(self) -> None:
        if not self.behaviours or not self.start_s < self.end_s:
            raise ValueError(f"a true bout needs a behaviour and must end after its start: {self}")


@dataclass(frozen=True, slots=True)
class PredictedBout:
    """What was said of one subject for a while."""

    video: str
    subject: str  # as in the true bouts that it is to be compared with
    behaviour: str  # a code; `unknown` abstains
    start_s: float
    end_s: float
    probability: float | None  # 0..1, of this behaviour; None: none was given


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a video was filmed, as far as that is known; "" where it is not."""

    light: str = ""  # day or infrared
    frame_rate: str = ""  # a band, such as "5 to 15 pictures/s"
    camera: str = ""
    learned: str = ""  # whether the network that named it learned from labels of the same location


def frame_rate_band(rate_hz: float | None) -> str:
    """The band that a frame rate in pictures a second lies in; "" if it is not known."""
    if rate_hz is None or not rate_hz > 0:
        return ""
    if rate_hz < 5:
        return "below 5 pictures/s"
    if rate_hz < 15:
        return "5 to 15 pictures/s"
    return "15 to 25 pictures/s" if rate_hz < 25 else "25 pictures/s and more"
