"""An animal beside others: those of its sex and age class, or where they are too few, those of its species."""

from collections.abc import Mapping

from pipeline.health.assess import Assessed
from pipeline.health.baseline import Reference, Source, others_reference
from pipeline.health.history import group_of
from pipeline.health.levels import Levels


def beside_others(animals: Mapping[int, Assessed], individual_id: int, place: int) -> Reference | None:
    """What is usual for other animals, at the station of an animal's last reading of one indicator.

    It tells how an animal compares, and raises no flag: an odd build would be flagged for life.

    Args:
        animals: all of an archive, by id.
        individual_id: which of them.
        place: of the indicator in `Assessed.followed`.

    Returns:
        None where the animal has no reading, its species is not known, or fewer than 4 others have one.
    """
    found = animals[individual_id]
    series = found.followed[place]
    species = found.history.animal.species
    if not series.readings or species is None:
        return None
    last = series.readings[-1].reading
    levels = Levels(series.stations, 0.0, series.usual_spread)
    others = [one for key, one in animals.items() if key != individual_id and one.history.animal.species == species]
    own_group = group_of(found.history, last.day)
    alike = [one for one in others if group_of(one.history, last.day) == own_group]
    for source, chosen in ((Source.CLASS, alike if None not in own_group else []), (Source.SPECIES, others)):
        readings = [one.reading for other in chosen for one in other.followed[place].readings]
        reference = others_reference(source, last, readings, levels, series.watched)
        if reference is not None:
            return reference
    return None
