"""A machine proposes and never assigns: candidates lie beside the registry and change nothing in it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from pipeline.errors import NotFoundError
from pipeline.individuals.animals import Flank
from pipeline.individuals.proposing import Match
from pipeline.store import identities
from pipeline.store.company import company
from pipeline.store.comparing import side_by_side
from pipeline.store.contents import contents
from pipeline.store.identities import By, read_registry
from pipeline.store.labels import Word, label_found
from pipeline.store.result import FlankView
from pipeline.store.verdicts import verdict_rows
from pipeline.store.views import candidates_of, keep_candidates, known_views, propose, tracks_to_propose_for, views_of
from pipeline.values import Kind
from tests.store.archive_samples import KEY, LEFT, animal, footage, found, stored, two_animals

ANNA = By("anna", at=datetime(2026, 3, 1, tzinfo=UTC))
VIDEOS = [footage(f"/card/{number}.MP4").media_id for number in range(4)]
A, B, C, D = (f"{media}.1" for media in VIDEOS)


def viewed(number, quality=0.5):
    """A video whose first animal has one view of its left flank and a better one of its right."""
    pictures = [Path(f"views/{number}-{flank}.jpg") for flank in ("left", "right")]
    views = (
        FlankView(1, 2.0, "left", 0.9, quality, pictures[0]),
        FlankView(1, 9.0, "right", 0.9, quality + 0.2, pictures[1]),
    )
    return replace(two_animals(f"/card/{number}.MP4"), views=views)


@pytest.fixture
def archive(store):
    """Two known animals, and two tracks that nobody has looked at."""
    for number in range(4):
        stored(store, viewed(number))
    identities.new(store, ANNA, code="Leo 45F", track_id=A)
    identities.new(store, ANNA, code="Leo 7", track_id=B)
    return store


def closeness(known):
    """A matcher that knows an animal by how near the names of its videos are; it really looks at the views."""

    def rank(views):
        for individual, theirs in known.items():
            pairs = [(mine, other) for mine in views for other in theirs if mine.flank is other.flank]
            score, mine, other = max(
                (1 / (1 + abs(int(mine.picture.name[0]) - int(other.picture.name[0]))), mine.view_id, other.view_id)
                for mine, other in pairs
            )
            yield Match(individual, score, mine, other, ((0.1, 0.2, 0.3, 0.4),))

    return rank


def proposed(store, track):
    (verdict,) = verdict_rows(store, [track])
    return [(row.individual, row.score) for row in verdict.candidates]


def test_a_matcher_is_asked_about_every_track_that_nobody_has_recognised(archive):
    assert tracks_to_propose_for(archive) == sorted([C, D])
    before = {name: rows for name, rows in contents(archive).items() if name != "candidate"}
    assert set(propose(archive, closeness)) == {C, D}
    assert proposed(archive, C) == [("Leo 7", 0.5), ("Leo 45F", pytest.approx(1 / 3))]
    assert {name: rows for name, rows in contents(archive).items() if name != "candidate"} == before


def test_the_log_of_decisions_is_read_as_often_for_many_tracks_as_for_one(archive):
    asked = []
    event.listen(archive.engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))

    def readings(tracks):
        asked.clear()
        verdict_rows(archive, list(propose(archive, closeness, tracks)))
        return sum("FROM individual_decision" in statement for statement in asked)

    assert readings([C, D]) == readings([C]) > 0


def test_a_track_is_not_recognised_by_itself(archive):
    propose(archive, closeness, [B])
    assert proposed(archive, B) == [("Leo 45F", 0.5)]
    assert list(known_views(archive, but_of=B)) == [1]


def test_what_a_person_has_refused_is_not_proposed_again(archive):
    propose(archive, closeness, [C])
    identities.reject(archive, C, "Leo 7", ANNA)
    assert [code for code, _ in proposed(archive, C)] == ["Leo 45F"]
    propose(archive, closeness, [C])
    assert [code for code, _ in proposed(archive, C)] == ["Leo 45F"]
    identities.undo(archive, ANNA)
    propose(archive, closeness, [C])
    assert [code for code, _ in proposed(archive, C)] == ["Leo 7", "Leo 45F"]


def test_merged_records_are_one_candidate_and_two_again_once_that_is_undone(archive):
    propose(archive, closeness, [C])
    identities.merge(archive, "Leo 45F", "Leo 7", ANNA)
    assert proposed(archive, C) == [("Leo 45F", 0.5)]
    identities.undo(archive, ANNA)
    assert [code for code, _ in proposed(archive, C)] == ["Leo 7", "Leo 45F"]


def test_at_most_five_animals_of_the_same_species_are_kept(archive):
    for number in range(6):
        identities.new(archive, ANNA, code=f"SL_{number}")
    tiger = identities.new(archive, ANNA, code="T1", traits=identities.Traits(species="tiger")).number
    matches = [Match(one, 10.0 - one) for one in read_registry(archive).individuals] + [Match(99, 50.0), Match(1, 3.0)]
    kept = keep_candidates(archive, {C: matches})[C]
    assert [one.individual_id for one in kept] == [1, 2, 3, 4, 5]
    assert tiger not in [one.individual_id for one in kept]


def test_candidates_fall_with_a_new_analysis_and_decisions_stay(archive):
    propose(archive, closeness)
    stored(archive, replace(viewed(2), key=replace(KEY, code_version="2.0")))
    assert candidates_of(archive, C) == []
    assert proposed(archive, D) != []
    assert [one.code for one in read_registry(archive).individuals.values()] == ["Leo 45F", "Leo 7"]


def test_the_views_of_a_track_come_best_first(archive):
    assert [view.flank for view in views_of(archive, A)] == [Flank.RIGHT, Flank.LEFT]
    assert views_of(archive, A)[0].picture == archive.archive / "views/0-right.jpg"


@pytest.mark.parametrize("ask", [views_of, candidates_of, side_by_side, lambda s, t: keep_candidates(s, {t: []})])
def test_an_unknown_track_is_named(archive, ask):
    with pytest.raises(NotFoundError, match=r"no track 'x\.1'"):
        ask(archive, "x.1")


def test_side_by_side_shows_what_was_compared_and_what_is_known(archive):
    propose(archive, closeness, [C])
    about, _, (first, second) = side_by_side(archive, C)
    assert about == "leopard, filmed on 2026-03-01 at 22:00, location river"
    assert (first.code, second.code) == ("Leo 7", "Leo 45F")
    assert first.query.name[0] == "2"
    assert first.known.name == first.query.name.replace("2", "1")
    assert first.points == ((0.1, 0.2, 0.3, 0.4),)
    assert dict(second.facts)["sex"] == "female"


def test_without_named_views_the_best_two_of_one_flank_stand_side_by_side(archive):
    keep_candidates(archive, {C: [Match(1, 2.0, points=((0.1, 0.2, 0.3, 0.4),))]})
    _, _, (only,) = side_by_side(archive, C)
    assert (only.query.name, only.known.name, only.points) == ("2-right.jpg", "0-right.jpg", ())


def test_the_smaller_animal_of_a_video_is_named_with_its_size(store):
    small = (0.3, 0.55, 0.15, 0.15)
    stored(store, found(footage("/card/0.MP4"), [animal(1, LEFT), animal(2, small)]))
    identities.new(store, ANNA, code="Leo 61", track_id=f"{VIDEOS[0]}.2")
    (row,) = company(store, VIDEOS[0])
    assert (row.track, row.individual, row.beside) == (f"{VIDEOS[0]}.2", "Leo 61", A)
    assert row.size_ratio == pytest.approx(0.5)
    with pytest.raises(NotFoundError):
        company(store, "x")


def test_whom_the_machine_took_for_a_person_is_company_once_somebody_calls_it_an_animal(store):
    cub = animal(2, (0.3, 0.55, 0.15, 0.15), kind=Kind.PERSON, species="person")
    stored(store, found(footage("/card/0.MP4"), [animal(1, LEFT), cub]))
    assert company(store, VIDEOS[0]) == []
    label_found(store, f"{VIDEOS[0]}.2", Word("anna", species="leopard"))
    (row,) = company(store, VIDEOS[0])
    assert row.track == f"{VIDEOS[0]}.2"
