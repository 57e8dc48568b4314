"""The deployments tables of simulated clips, in Camtrap DP 1.0.2's columns and a few of Ethotrap's own."""

import csv
from collections.abc import Sequence
from pathlib import Path

ZONE = "Asia/Vladivostok"

_COLUMNS = (
    "deploymentID",
    "locationID",
    "locationName",
    "latitude",
    "longitude",
    "deploymentStart",
    "deploymentEnd",
    "cameraID",
    "cameraModel",
    "featureType",
    "deploymentTags",
    "deploymentComments",
    "timeZone",
    "clockShiftSeconds",
    "clockShiftReason",
)
_COMMON = {
    "locationName": "Invented glade",
    "latitude": "43.1",
    "longitude": "131.4",
    "deploymentStart": "2025-06-12T09:30:00+1000",
    "deploymentEnd": "2025-06-20T16:00:00+1000",
    "cameraModel": "simulated",
    "featureType": "none",
    "deploymentComments": "simulated footage; the place is invented",
    "timeZone": ZONE,
    "clockShiftSeconds": "0",
}
# Invented places: rounded to a tenth of a degree, inside the range of the Land of the Leopard, at no real trap.
_SHIPPED = (
    {"locationName": "Invented trail"},
    {
        "locationName": "Invented slope",
        "latitude": "43.2",
        "longitude": "131.3",
        "deploymentStart": "2025-06-12T13:10:00+1000",
        "deploymentEnd": "2025-06-20T18:20:00+1000",
    },
    {"locationName": "Invented tree", "longitude": "131.3", "deploymentTags": "markingTree:0.29-0.37"},
    {"locationName": "Invented hollow", "latitude": "43.2", "longitude": "131.5"},
)


def write_stations(locations: Sequence[str], path: Path) -> None:
    """Writes a table of simulated traps, one deployment each.

    Args:
        locations: their names.
        path: the CSV to write.
    """
    _write([_ids(name, name) for name in locations], path)


def write_deployments(path: Path) -> None:
    """Writes the table of the clips that ship."""
    _write([_ids(f"LOC0{number}", f"CAM{number}") | place for number, place in enumerate(_SHIPPED, start=1)], path)


def _ids(location: str, camera: str) -> dict[str, str]:
    return {"deploymentID": f"{location}-20250612", "locationID": location, "cameraID": camera}


def _write(rows: Sequence[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, fieldnames=_COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(_COMMON | row for row in rows)
