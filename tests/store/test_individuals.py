"""Who an animal is, is a person's word: kept, undone exactly, and tied anew to whatever the machine finds."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, select

from pipeline.errors import NotFoundError, RegistryError
from pipeline.individuals.animals import Flank, LifeStage, Sex
from pipeline.individuals.decisions import Traits
from pipeline.store import identities, individual_rows
from pipeline.store.contents import contents
from pipeline.store.health import read_park
from pipeline.store.identities import By, read_log, read_registry
from pipeline.store.labels import Word, label_found, label_in_view
from pipeline.store.open import DATABASE, MIGRATIONS, open_store
from pipeline.store.queries import videos
from pipeline.store.result import FlankView
from pipeline.store.results import referenced_files
from pipeline.store.schema import identified_track, individual, media, rejection, sighting
from tests.store.archive_samples import KEY, LEFT, RIGHT, animal, footage, found, seen, stored, two_animals

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANNA = By("anna", at=NOON)
PATH = "/card/IMG_0001.MP4"
VIDEO = footage(PATH).media_id
FIRST, SECOND = f"{VIDEO}.1", f"{VIDEO}.2"
NEWER = replace(KEY, code_version="2.0")
TABLES = (individual, sighting, rejection, identified_track)


@pytest.fixture
def archive(store):
    stored(store, two_animals(PATH))
    return store


def registry_tables(store):
    with store.reading() as connection:
        return {table.name: sorted(map(str, connection.execute(select(table)))) for table in TABLES}


def who_is_where(store):
    """The code of the animal that each track shows, by people's word."""
    everything = contents(store)
    codes = {row["individual_id"]: row["code"] for row in everything["individual"]}
    whose = {row["sighting_id"]: codes.get(row["individual_id"]) for row in everything["sighting"]}
    return {row["track_id"]: whose[row["sighting_id"]] for row in everything["identified_track"]}


def test_a_confirmed_track_shows_its_animal(archive):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, track_id=SECOND)
    assert who_is_where(archive) == {FIRST: "Leo 45F", SECOND: "unknown-1"}
    assert [
        (one.code, one.sex, one.provisional, one.species) for one in read_registry(archive).individuals.values()
    ] == [
        ("Leo 45F", Sex.FEMALE, False, "leopard"),
        ("unknown-1", None, True, "leopard"),
    ]


def test_the_last_word_about_a_track_counts_and_makes_no_second_sighting(archive):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, code="Leo 7M")
    identities.confirm(archive, FIRST, "leo 7m", ANNA)
    assert who_is_where(archive) == {FIRST: "Leo 7M"}
    assert len(contents(archive)["sighting"]) == 1
    identities.reject(archive, FIRST, "Leo 7M", ANNA)
    assert who_is_where(archive) == {FIRST: None}
    identities.undo(archive, ANNA)
    identities.undo(archive, ANNA)
    assert who_is_where(archive) == {FIRST: "Leo 45F"}


def test_to_say_who_it_is_not_leaves_standing_who_it_is(archive):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, code="Leo 7M")
    identities.reject(archive, FIRST, "Leo 7M", ANNA)
    assert who_is_where(archive) == {FIRST: "Leo 45F"}
    assert len(contents(archive)["rejection"]) == 1


def test_a_sighting_follows_its_animal_when_a_new_analysis_numbers_tracks_otherwise(archive):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, code="Leo 7M", track_id=SECOND)
    before = contents(archive)["sighting"]
    again = found(
        footage(PATH), [animal(1, RIGHT), animal(2, (0.2, 0.1, 0.1, 0.1)), animal(3, LEFT, 1.0, 19.0)], key=NEWER
    )
    stored(archive, again)
    assert who_is_where(archive) == {FIRST: "Leo 7M", f"{VIDEO}.3": "Leo 45F"}
    stored(archive, found(footage(PATH), key=replace(KEY, code_version="3.0")))
    assert who_is_where(archive) == {}
    assert contents(archive)["sighting"] == before
    stored(archive, two_animals(PATH))
    assert who_is_where(archive) == {FIRST: "Leo 45F", SECOND: "Leo 7M"}


def test_one_half_of_a_torn_track_can_be_told_from_the_other(archive):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, code="Leo 7M")
    stored(archive, found(footage(PATH), [animal(1, LEFT, 0, 9), animal(2, LEFT, 11, 20)], key=NEWER))
    assert who_is_where(archive) == {FIRST: "Leo 45F", SECOND: "Leo 45F"}
    identities.reject(archive, SECOND, "Leo 45F", By("anna", at=NOON + timedelta(hours=1)))
    assert who_is_where(archive) == {FIRST: "Leo 45F", SECOND: None}
    identities.confirm(archive, SECOND, "Leo 7M", By("anna", at=NOON + timedelta(hours=2)))
    assert who_is_where(archive) == {FIRST: "Leo 45F", SECOND: "Leo 7M"}


def test_decisions_before_or_after_an_analysis_end_in_the_same_database(tmp_path, archive):
    other = open_store(tmp_path / "other")
    for store in (archive, other):
        stored(store, two_animals(PATH))
        identities.new(store, ANNA, code="Leo 45F", track_id=FIRST)
        identities.reject(store, SECOND, "Leo 45F", ANNA)
    stored(other, found(footage(PATH)))
    stored(other, two_animals(PATH))
    assert contents(archive) == contents(other)


def test_the_flanks_of_a_sighting_are_those_that_the_person_saw_or_those_of_the_views(archive):
    views = (
        FlankView(1, 2.0, "left", 0.9, 0.7, Path("views/1.jpg"), Path("views/1.npz")),
        FlankView(1, 3.0, "right", 0.3, 0.7, Path("views/2.jpg")),
    )
    stored(archive, replace(two_animals(PATH), views=views))
    assert {Path("views/1.jpg"), Path("views/1.npz"), Path("views/2.jpg")} < referenced_files(archive)
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.new(archive, ANNA, code="Leo 7M", track_id=SECOND, flanks=(Flank.RIGHT,))
    registry = read_registry(archive)
    assert [registry.known(one) for one in registry.individuals] == ["left flank only", "right flank only"]
    left_over = stored(archive, found(footage(PATH), [animal(1)], key=NEWER))
    assert set(left_over) >= {Path("views/1.jpg"), Path("views/1.npz"), Path("views/2.jpg")}


def test_every_decision_stays_in_the_log_with_who_when_and_why(archive):
    traits = Traits(born=date(2024, 7, 1), stage=LifeStage.CUB, stage_from=date(2024, 9, 1), tags=("mange",))
    identities.new(archive, By("anna", "seen at the river", NOON), code="Leo 45F", track_id=FIRST, traits=traits)
    identities.rename(archive, "Leo 45F", "Leo 46F", By("boris", "misread", NOON + timedelta(days=1)))
    identities.undo(archive, By("boris", "it was right", NOON + timedelta(days=2)))
    log = read_log(archive)
    assert [(one.who, one.at, one.note) for one in log] == [
        ("anna", NOON, "seen at the river"),
        ("boris", NOON + timedelta(days=1), "misread"),
        ("boris", NOON + timedelta(days=2), "it was right"),
    ]
    assert log[0].decision.traits == replace(traits, species="leopard")
    assert log[0].decision.seen.media == VIDEO


def test_the_log_names_the_animal_that_a_tag_was_about_then_without_replaying_all_before_it(archive, monkeypatch):
    identities.tag(archive, FIRST, ["mange"], ANNA)
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    identities.tag(archive, FIRST, ["wound"], ANNA)
    identities.rename(archive, "Leo 45F", "Leo 46F", ANNA)
    identities.tag(archive, FIRST, ["limping"], ANNA)
    log = read_log(archive)
    monkeypatch.setattr(individual_rows, "replay", None)
    assert [row.about for row in individual_rows.decision_rows(log) if "tags" in row.details] == [
        (),
        ("Leo 45F",),
        ("Leo 46F",),
    ]


def test_an_animals_decisions_are_its_own_whatever_it_was_called_meanwhile(archive):
    identities.new(archive, ANNA, code="Leo 45F")
    identities.rename(archive, "Leo 45F", "Vesna", ANNA)
    identities.confirm(archive, FIRST, "Vesna", ANNA)
    identities.undo(archive, ANNA, 2)
    identities.new(archive, ANNA, code="Vesna", track_id=SECOND)

    def numbers(code):
        return [row.decision for row in individual_rows.individual_detail(archive, code).decisions]

    assert (numbers("Leo 45F"), numbers("Vesna")) == ([1, 2, 3, 4], [5])
    identities.rename(archive, "Vesna", "Leo 46F", ANNA)
    identities.merge(archive, "Leo 45F", "Leo 46F", ANNA)
    assert numbers("Leo 45F") == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "missing",
    [
        lambda s: identities.new(s, ANNA, track_id="x.1"),
        lambda s: identities.new(s, ANNA, mother="Leo 99F"),
        lambda s: identities.confirm(s, FIRST, "Leo 99F", ANNA),
        lambda s: identities.confirm(s, "x.1", "Leo 45F", ANNA),
        lambda s: identities.split(s, "Leo 45F", ["x.1"], ANNA),
    ],
)
def test_what_the_archive_does_not_hold_cannot_be_decided_about(archive, missing):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    before = contents(archive)
    with pytest.raises(NotFoundError):
        missing(archive)
    assert contents(archive) == before


@pytest.mark.parametrize(
    ("say", "near"),
    [
        (lambda s: None, False),
        (lambda s: label_in_view(s, VIDEO, Word("anna", species="person")), True),
        (lambda s: label_found(s, SECOND, Word("anna", species="vehicle")), True),
        (lambda s: label_found(s, SECOND, Word("anna", species="blank")), False),
    ],
)
def test_people_are_near_an_animal_where_a_person_saw_them(archive, say, near):
    identities.new(archive, ANNA, code="Leo 45F", track_id=FIRST)
    say(archive)
    (history,) = read_park(archive).histories.values()
    assert [visit.near_people for visit in history.visits] == [near]


def test_nobody_decides_without_a_name_or_at_no_time():
    with pytest.raises(ValueError, match="name of the person"):
        By("")
    with pytest.raises(ValueError, match="no time zone"):
        By("anna", at=datetime(2026, 3, 1))  # noqa: DTZ001 - what is tested


def decide_at_random(store, draw, tracks):
    """One decision such as people make; some are refused."""
    registry = read_registry(store)
    some, other = (draw.choice(list(registry.individuals.values())) for _ in range(2))
    own = [one.seen.sighting_id for one in registry.sightings_of(some.individual_id)]
    some, other = some.code, other.code
    track = draw.choice(tracks)
    flanks = draw.choice([(Flank.LEFT,), (Flank.RIGHT,), None])
    deeds = {
        "new": lambda: identities.new(store, ANNA, track_id=track, flanks=flanks),
        "confirm": lambda: identities.confirm(store, track, some, ANNA, flanks=flanks),
        "reject": lambda: identities.reject(store, track, some, ANNA),
        "merge": lambda: identities.merge(store, some, other, ANNA),
        "link": lambda: identities.link(store, some, other, ANNA),
        "split": lambda: identities.split(store, some, own[:1], ANNA),
        "rename": lambda: identities.rename(store, some, f"Leo {draw.randrange(40)}{draw.choice('FM')}", ANNA),
        "set": lambda: identities.set_traits(store, some, Traits(tags=("mange",), sex=draw.choice(list(Sex))), ANNA),
        "mother": lambda: identities.set_traits(store, some, Traits(), ANNA, mother=other),
    }
    name = draw.choice([*deeds, "confirm", "merge"])
    deeds[name]()
    return name


def test_undoing_any_sequence_leaves_the_tables_exactly_as_they_were(store):
    draw = random.Random(7)
    tracks = []
    for number in range(4):
        result = two_animals(f"/card/{number}.MP4")
        stored(store, result)
        tracks += [f"{result.footage.media_id}.1", f"{result.footage.media_id}.2"]
    before, done = [registry_tables(store)], set()
    identities.new(store, ANNA)
    before.append(registry_tables(store))
    for _ in range(40):
        try:
            done.add(decide_at_random(store, draw, tracks))
        except (RegistryError, NotFoundError):
            assert registry_tables(store) == before[-1]
        else:
            before.append(registry_tables(store))
    assert {"new", "confirm", "merge", "split", "reject"} <= done
    while len(before) > 1:
        assert registry_tables(store) == before.pop()
        identities.undo(store, ANNA)
    assert registry_tables(store) == {table.name: [] for table in TABLES}


def test_an_older_archive_is_brought_up_to_date_and_keeps_what_it_held(tmp_path):
    database = create_engine(f"sqlite:///{tmp_path / DATABASE}", poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        known = {"media_id": VIDEO, "sha256": seen(PATH).sha256, "path": PATH, "size_bytes": 1000, "state": "pending"}
        known |= {"reason": "", "transient": False, "failures": 0, "time_notes": [], "first_seen_at": NOON}
        connection.execute(media.insert(), known)
    store = open_store(tmp_path)
    assert [row.file for row in videos(store)] == [Path(PATH)]
    stored(store, two_animals(PATH))
    identities.new(store, ANNA, code="Leo 45F", track_id=FIRST)
    assert who_is_where(store) == {FIRST: "Leo 45F"}
