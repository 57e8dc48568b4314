"""A made-up park as the health functions see it, without a database: the same visits that the archive would hold."""

from collections import defaultdict
from datetime import timedelta

from models.simulate.archive.animals import Animal
from models.simulate.archive.sightings import Filmed, Shown
from models.simulate.archive.writing import SPECIES, MadePark, codes_of, is_kept
from pipeline.footage.clock import parse_zone
from pipeline.health.history import History, Park, Visit
from pipeline.individuals.animals import Individual, LifeStage

Key = tuple[int, str | None]


def known_park(made: MadePark) -> Park:
    """What people know of the park once they have named every animal that they could."""
    ids: dict[Key, int] = {}
    visits: dict[Key, list[Visit]] = defaultdict(list)
    undated: dict[Key, int] = defaultdict(int)
    for number, filmed in enumerate(made.filmed):
        named = [
            (place, shown, (shown.animal, codes_of(made.cast.animals[shown.animal], shown.flanks)))
            for place, shown in enumerate(filmed.shown, start=1)
            if is_kept(shown, made.cast.animals[shown.animal])
        ]
        for _, _, key in named:
            ids.setdefault(key, len(ids) + 1)
        for place, shown, key in named:
            if filmed.dated:
                company = tuple(sorted(ids[other] for _, _, other in named if other != key))
                visits[key].append(_visit(f"{number}.{place}", filmed, shown, company))
            else:
                undated[key] += 1
    histories = {
        one: History(_individual(one, key, made.cast.animals[key[0]], ids, made), tuple(visits[key]), undated[key])
        for key, one in ids.items()
    }
    nights = {station.name: station.watched for station in made.stations}
    return Park(histories, nights, max(filmed.at for filmed in made.filmed if filmed.dated).date() + timedelta(days=1))


def _visit(sighting: str, filmed: Filmed, shown: Shown, company: tuple[int, ...]) -> Visit:
    place = filmed.deployment
    return Visit(
        sighting=sighting,
        media=sighting,
        at=filmed.at.astimezone(parse_zone(place.zone)),
        location=place.location_id,
        latitude=place.latitude,
        longitude=place.longitude,
        near_people=place.feature_type == "roadDirt",
        readings={one.name: one for one in shown.indicators},
        behaviours=dict(shown.behaviours),
        company=company,
    )


def _individual(one: int, key: Key, animal: Animal, ids: dict[Key, int], made: MadePark) -> Individual:
    young = animal.stage is not LifeStage.ADULT
    mother = None if animal.mother is None else made.cast.animals[animal.mother]
    return Individual(
        individual_id=one,
        code=key[1] or f"unknown-{one}",
        provisional=key[1] is None,
        species=SPECIES,
        sex=animal.sex if animal.sex_known else None,
        born=animal.born if young else None,
        mother_id=None if mother is None else ids.get((mother.number, mother.code)),
        stages=() if young or key[1] is None else ((made.cast.first_day, LifeStage.ADULT),),
    )
