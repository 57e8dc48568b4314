"""Where the sun stands: the hour of the day that an animal lives by, whatever the camera's zone says.

Declination and equation of time as Fourier series, after Spencer 1971, *Fourier series representation of the position
of the sun*, Search 2(5), 172; good to about 0.2 degrees and half a minute.
"""

import math
from datetime import UTC, datetime

HORIZON = -0.83  # degrees of the sun's centre at sunrise and sunset: refraction and half its breadth


def solar_hour(at: datetime, longitude: float) -> float:
    """True solar time, 0 up to 24 hours: 12 when the sun stands in the south.

    Args:
        at: aware.
        longitude: degrees, east positive.
    """
    utc = at.astimezone(UTC)
    hours = utc.hour + utc.minute / 60 + utc.second / 3600
    return (hours + longitude / 15 + _equation_of_time_min(_year_angle(utc)) / 60) % 24


def sun_elevation(at: datetime, latitude: float, longitude: float) -> float:
    """Degrees of the sun's centre above the horizon, without refraction."""
    angle = _year_angle(at.astimezone(UTC))
    declination = (
        0.006918
        - 0.399912 * math.cos(angle)
        + 0.070257 * math.sin(angle)
        - 0.006758 * math.cos(2 * angle)
        + 0.000907 * math.sin(2 * angle)
        - 0.002697 * math.cos(3 * angle)
        + 0.00148 * math.sin(3 * angle)
    )
    hour_angle = math.radians(15 * (solar_hour(at, longitude) - 12))
    place = math.radians(latitude)
    height = math.sin(place) * math.sin(declination) + math.cos(place) * math.cos(declination) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def is_day(at: datetime, latitude: float, longitude: float) -> bool:
    """The sun is up."""
    return sun_elevation(at, latitude, longitude) > HORIZON


def _year_angle(utc: datetime) -> float:
    return 2 * math.pi * (utc.timetuple().tm_yday - 1 + (utc.hour - 12) / 24) / 365


def _equation_of_time_min(angle: float) -> float:
    return 229.18 * (
        0.000075
        + 0.001868 * math.cos(angle)
        - 0.032077 * math.sin(angle)
        - 0.014615 * math.cos(2 * angle)
        - 0.04089 * math.sin(2 * angle)
    )
