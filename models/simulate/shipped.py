"""The twelve clips that ship under tests/footage, as orders. Nothing here needs MuJoCo.

Their seeds are those of the test split, so that nothing is trained on them; of several seeds tried, these show what
they should. The individuals are fixed, so that some come back in other clips.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.simulate.act import Individual
from models.simulate.deployments import ZONE
from models.simulate.order import EMPTY, PERSON, LightKind, Order

_COATS = 2_000_000  # a seed of the test split, for whoever the orders leave to chance

_VESNA = Individual("Vesna", "leopard", coat=11, size=0.98)
_TAIGA = Individual("Taiga", "leopard", coat=23)
_BARS = Individual("Bars", "leopard", coat=37, size=1.06, girth=1.05)
_LUNA = Individual("Luna", "leopard", coat=41, size=0.96, limp=0.25, lame_leg="fore_L")
_CUBS = (Individual("Iskra", "leopard", coat=51, size=0.52), Individual("Veter", "leopard", coat=52, size=0.55))
_DEER = Individual("sika deer", "deer", coat=5, size=0.95)


@dataclass(frozen=True, slots=True)
class _Trap:
    """One camera in its place, and the folder that its card's files go to."""

    folder: str
    camera_seed: int

    def clip(
        self,
        number: int,
        subject: str,
        motion_seed: int,
        light: LightKind,
        day: int,
        clock: str,
        *cast: Individual,
        seconds: float = 6.0,
        wind: float = 0.12,
    ) -> Order:
        """The file of a number on its card, filmed at `clock` (hours, minutes, seconds) on a day of June 2025."""
        return Order(
            name=f"{self.folder}/IMG_{number:04d}",
            subject=subject,
            light=light,
            split="test",
            camera_seed=self.camera_seed,
            motion_seed=motion_seed,
            coat_seed=_COATS,
            seconds=seconds,
            width=640,
            height=360,
            outlined=False,
            cast=cast,
            wind=wind,
            captured_at=datetime.fromisoformat(f"2025-06-{day}T{clock}").replace(tzinfo=ZoneInfo(ZONE)),
        )


_TRAIL = _Trap("LOC01/CAM1/20250612/100RECNX", 2_000_118)
_SLOPE = _Trap("LOC02/CAM2/20250612/100RECNX", 2_000_054)
_TREE = _Trap("LOC03/CAM3/20250612/100RECNX", 2_000_089)  # its trunk is marked
_HOLLOW = _Trap("LOC04/CAM4/20250612/100RECNX", 2_000_000)


def shipped_orders() -> Mapping[str, Order]:
    """The orders by the clips' short names, in the order of their files."""
    return {
        "walks-past": _TRAIL.clip(1, "travel", 2_000_003, "day", 14, "05:42:18", _VESNA),
        "walks-past-at-night": _TRAIL.clip(2, "travel", 2_000_001, "infrared", 15, "23:07:51", _TAIGA),
        "limps": _TRAIL.clip(3, "travel", 2_000_004, "day", 16, "18:31:02", _LUNA, seconds=8.0),
        "stalks-and-pounces": _TRAIL.clip(4, "stalk", 2_000_002, "day", 18, "06:58:33", _VESNA, seconds=8.0),
        "windy-empty": _SLOPE.clip(1, EMPTY, 2_000_003, "day", 13, "14:20:05", wind=0.9, seconds=4.0),
        "person": _SLOPE.clip(2, PERSON, 2_000_002, "day", 17, "11:15:40", seconds=5.0),
        "sprays": _TREE.clip(1, "spray", 2_000_002, "infrared", 14, "02:44:09", _BARS),
        "claws": _TREE.clip(2, "claw", 2_000_002, "day", 18, "17:05:26", _BARS),
        "cubs-play": _HOLLOW.clip(1, "play", 2_000_004, "day", 14, "09:12:55", *_CUBS, seconds=5.0),
        "rests": _HOLLOW.clip(2, "rest", 2_000_012, "day", 15, "13:36:47", _BARS),
        "grooms": _HOLLOW.clip(3, "groom", 2_000_005, "day", 16, "16:50:21", _TAIGA),
        "feeds": _HOLLOW.clip(4, "feed", 2_000_001, "infrared", 17, "00:27:13", _TAIGA, _DEER),
    }
