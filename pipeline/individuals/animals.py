"""What is known of one animal, where it was seen, and the codes that people call it by."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pipeline.errors import RegistryError

PROVISIONAL = "unknown-"
LONGEST_CODE = 40

_NUMBER_AND_SEX = re.compile(r".*\b\d+\s?(?P<sex>[FM])")
_PROVISIONAL = re.compile(rf"{PROVISIONAL}(?P<number>\d+)", re.IGNORECASE)

_PARTS = re.compile(r"\d+|[^\W\d_]+")
_LOOK_ALIKE = str.maketrans("авекмнорстух", "abekmhopctyx")  # Cyrillic letters, and the Latin ones that look the same

Box = tuple[float, float, float, float]


class Sex(StrEnum):
    """As Camtrap DP writes it."""

    FEMALE = "female"
    MALE = "male"


class Flank(StrEnum):
    """Which side of the animal the camera sees: the animal's own left and right; front and rear are other."""

    LEFT = "left"
    RIGHT = "right"
    OTHER = "other"


class LifeStage(StrEnum):
    """How old an animal is, as far as a picture can tell."""

    CUB = "cub"
    ADOLESCENT = "adolescent"
    ADULT = "adult"


class Known(StrEnum):
    """From which flanks' patterns an animal is known."""

    BOTH = "both flanks"
    LEFT_ONLY = "left flank only"
    RIGHT_ONLY = "right flank only"
    NEITHER = "no flank"  # by a collar or a missing limb, or nobody noted the flank


@dataclass(frozen=True, slots=True)
class Individual:
    """One animal of the registry."""

    individual_id: int  # number of the decision that made it; never changes and is never used again
    code: str
    provisional: bool  # nobody has given it a code of its own yet
    species: str | None = None  # by its code in the species list
    species_said: bool | None = None  # by a person, of itself; False: by its track; None: an older entry does not tell
    sex: Sex | None = None
    names: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()  # of renamings and of records that were merged into this one
    marks: tuple[str, ...] = ()  # distinguishing marks, such as a torn left ear
    tags: tuple[str, ...] = ()  # what to watch for, such as mange, wound, kinked tail, missing limb
    born: date | None = None
    died: date | None = None
    mother_id: int | None = None
    stages: tuple[tuple[date, LifeStage], ...] = ()  # from this day on, as people saw it; rising


@dataclass(frozen=True, slots=True)
class Seen:
    """One animal in one stretch of one video, as it stood there when a person decided about it."""

    sighting_id: str
    media: str
    start_s: float
    end_s: float
    box: Box  # at the middle of the stretch, shares of the picture
    flanks: tuple[Flank, ...] = ()  # those that the person had before them


@dataclass(frozen=True, slots=True)
class Sighting:
    """A stretch of a video, and whom or what a person recognised in it."""

    seen: Seen
    individual_id: int | None  # None: nobody has said who it is
    who: str
    at: datetime  # aware
    decision: int  # number of the last decision about who it is, or of the first about it at all
    tags: tuple[str, ...] = ()  # what a person saw on the animal there, such as mange, wound, limping


def check_code(code: str) -> None:
    """Raise unless `code` can be an animal's own code: "Leo 45F", "L38", "SL_15" and free words can.

    Raises:
        RegistryError: it is empty, too long, holds line breaks or outer blanks, or is kept for provisional animals.
    """
    if not code or code != code.strip() or not code.isprintable() or len(code) > LONGEST_CODE:
        raise RegistryError(f"{code!r} is no code; write 1 to {LONGEST_CODE} letters, such as 'Leo 45F'")
    if _PROVISIONAL.fullmatch(code):
        raise RegistryError(f"{code!r} is kept for animals without a code of their own; choose another")


def sex_in_code(code: str) -> Sex | None:
    """The sex that a code says: its last letter after a number, F or M; None if it says none."""
    found = _NUMBER_AND_SEX.fullmatch(code)
    if found is None:
        return None
    return Sex.FEMALE if found["sex"] == "F" else Sex.MALE


def alike(code: str) -> tuple[str, ...]:
    """What of a code an eye goes by: two codes for which it is equal are easily taken for each other.

    Blanks, hyphens, case and leading zeros do not count, nor whether a letter is Latin or a Cyrillic one like it.
    """
    plain = unicodedata.normalize("NFKC", code).casefold().translate(_LOOK_ALIKE)
    return tuple(part.lstrip("0") or part for part in _PARTS.findall(plain)) or (plain,)


def provisional_number(code: str) -> int:
    """The number in a provisional code such as "unknown-7"; 0 for any other code."""
    found = _PROVISIONAL.fullmatch(code)
    return int(found["number"]) if found else 0
