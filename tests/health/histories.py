"""Made-up sightings of made-up animals, for the tests of health over time."""

from datetime import UTC, date, datetime, timedelta

from pipeline.health.history import History, Park, Visit
from pipeline.individuals.animals import Individual, Sex
from pipeline.values import Indicator

FIRST = date(2024, 1, 1)
NORTH, EAST = 43.0, 131.5
FORBIDDEN = ("is sick", "is ill", "has distemper", "suffers", "diagnos", "disease", "healthy")


def at(day, hour=15):
    """Some hour UTC of a day, counted from the first one; 15 UTC is deep night on the Amur, 3 UTC is noon."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, hour, tzinfo=UTC)
    return start + timedelta(days=day)


def visit(number, day, station="S1", *, hour=15, near_people=False, company=(), behaviours=None, key=1, **values):
    readings = {
        name: Indicator(1, name, "", value, 5.0)
        if value is not None
        else Indicator(1, name, "", None, 0.0, "seen from ahead")
        for name, value in values.items()
    }
    return Visit(
        sighting=f"{key}-{number}",
        media=f"video-{key}-{number}",
        at=at(day, hour),
        location=station,
        latitude=NORTH,
        longitude=EAST,
        near_people=near_people,
        readings=readings,
        behaviours=behaviours or {"travel": 8.0},
        company=company,
    )


def history(visits, key=1, **animal):
    fields = {"species": "leopard", "sex": Sex.FEMALE, **animal}
    return History(Individual(key, fields.pop("code", f"Leo {key}F"), False, **fields), tuple(visits))


def park(*histories, days=800, nights=None):
    every = frozenset(FIRST + timedelta(days=number) for number in range(days))
    stations = {one.location for each in histories for one in each.visits}
    watched = {station: every for station in stations} if nights is None else nights
    return Park({one.animal.individual_id: one for one in histories}, watched, FIRST + timedelta(days=days))
