"""The deployments table of the shipped clips, in Camtrap DP 1.0.2's columns and a few of Ethotrap's own."""

import csv
from collections.abc import Sequence
from pathlib import Path

ZONE = "Asia/Vladivostok"

# Invented places: rounded to a tenth of a degree, inside the range of the Land of the Leopard, at no real trap.
_ROWS = (
    {
        "deploymentID": "LOC01-20250612",
        "locationID": "LOC01",
        "locationName": "Invented glade",
        "latitude": "43.1",
        "longitude": "131.4",
        "deploymentStart": "2025-06-12T09:30:00+1000",
        "deploymentEnd": "2025-06-20T16:00:00+1000",
        "cameraID": "CAM1",
    },
    {
        "deploymentID": "LOC02-20250612",
        "locationID": "LOC02",
        "locationName": "Invented slope",
        "latitude": "43.2",
        "longitude": "131.3",
        "deploymentStart": "2025-06-12T13:10:00+1000",
        "deploymentEnd": "2025-06-20T18:20:00+1000",
        "cameraID": "CAM2",
    },
)
_COMMON = {
    "cameraModel": "simulated",
    "featureType": "none",
    "deploymentComments": "simulated footage; the place is invented",
    "timeZone": ZONE,
    "clockShiftSeconds": "0",
    "clockShiftReason": "",
}


def write_stations(locations: Sequence[str], path: Path) -> None:
    """Writes a table of simulated traps, one deployment each.

    Args:
        locations: their names.
        path: the CSV to write.
    """
    rows = [_ROWS[0] | {"deploymentID": f"{name}-20250612", "locationID": name, "cameraID": name} for name in locations]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fieldnames=[*_ROWS[0], *_COMMON], lineterminator="\n")
        table.writeheader()
        table.writerows(row | _COMMON for row in rows)


def write_deployments(path: Path) -> None:
    """Writes the table of the simulated deployments."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fieldnames=[*_ROWS[0], *_COMMON], lineterminator="\n")
        table.writeheader()
        table.writerows(row | _COMMON for row in _ROWS)
