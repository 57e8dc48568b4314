"""Commands by which people decide about individuals: confirm, new, reject, merge, split, rename, link, set, undo."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from flows.commands.display import console, print_json
from flows.commands.looking_again import recognised_on, say_before_merging, say_of_animal, say_of_track
from flows.commands.options import (
    DEFAULT_ARCHIVE,
    Archive,
    Config,
    Json,
    Who,
    check_code,
    person,
    settings_of,
    species_codes,
    write_archive,
)
from pipeline.errors import ConfigError
from pipeline.individuals.animals import Flank, LifeStage, Sex
from pipeline.individuals.decisions import Decided, Traits, Undo
from pipeline.store import identities
from pipeline.store.identities import By
from pipeline.store.individual_rows import decision_rows
from pipeline.store.open import Store

Note = Annotated[str, Parameter(help="Anything worth keeping with it.", show_default=False)]
Flanks = Annotated[
    tuple[Flank, ...] | None,
    Parameter(
        name="--flank", negative="", help="Which flank you saw; give it twice for both. [default: as the views show]"
    ),
]
Words = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
Track = Annotated[str, Parameter(help="Id of the track, such as 3f2a9c0d11e4b7a8.1.")]
Code = Annotated[str, Parameter(help="The animal's code, such as 'Leo 45F'; a former one or its name will do.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Said:
    """What is said about an animal."""

    species: str | None = None
    "By its code, such as leopard."
    sex: Sex | None = None
    "Its sex. A code such as 'Leo 45F' says it already."
    born: str | None = None
    "Day of its birth, such as 2024-07-01; an estimate will do, say so in the note."
    died: str | None = None
    "Day of its death."
    mother: str | None = None
    "Its mother's code."
    stage: LifeStage | None = None
    "How old it looks: cub, adolescent or adult."
    since: str | None = None
    "The day on which it looked so."
    name: Words = ()
    "A name, such as Meamur; give it again for another."
    mark: Words = ()
    "A distinguishing mark, such as 'torn left ear'."
    tag: Words = ()
    "Something to watch for, such as mange, wound, 'kinked tail', 'missing limb'."
    config: Config = None

    def traits(self, forget: tuple[str, ...] = ()) -> Traits:
        """The same for the registry, but for the mother.

        Raises:
            ConfigError: the species list has no such species, or a day is none.
        """
        if self.species is not None:
            check_code("species", self.species, species_codes(settings_of(self.config)))
        return Traits(
            species=self.species,
            sex=self.sex,
            born=day(self.born),
            died=day(self.died),
            stage=self.stage,
            stage_from=day(self.since),
            names=self.name,
            marks=self.mark,
            tags=self.tag,
            forget=forget,
        )


NOTHING = Said()


def register(app: App) -> None:
    """Add these commands to `ethotrap individuals`."""
    for command in (confirm, new, reject, merge, split, rename, link, tag, undo):
        app.command(command)
    app.command(set_traits, name="set")


def confirm(
    track: Track,
    code: Code,
    *,
    flank: Flanks = None,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say that this track shows that animal. Only this makes a sighting; no machine can.

    For example:

    ```
    ethotrap individuals confirm 3f2a9c0d11e4b7a8.1 "Leo 45F"
    ethotrap individuals confirm 3f2a9c0d11e4b7a8.1 "Leo 45F" --flank left --who "A. Petrova"
    ```
    """
    store = write_archive(archive)
    before = recognised_on(store, track)
    decided = identities.confirm(store, track, code, _by(who, note), flanks=flank)
    told = _tell(store, decided, f"{track} shows {{0}}.", json)
    say_of_track(store, track, before)
    return told


def new(
    *,
    track: Annotated[
        str | None, Parameter(help="The track that shows it; none for an animal of an older list.")
    ] = None,
    code: Annotated[str | None, Parameter(help="Its own code. [default: a provisional one, such as unknown-7]")] = None,
    said: Said = NOTHING,
    flank: Flanks = None,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Enter an animal into the registry: one that nobody knows yet, or one of an older list.

    For example:

    ```
    ethotrap individuals new --track 3f2a9c0d11e4b7a8.1
    ethotrap individuals new --track 3f2a9c0d11e4b7a8.1 --code "Leo 45F" --stage adult --since 2026-03-01
    ethotrap individuals new --code "Leo 7M" --name Meamur --species leopard
    ```
    """
    store = write_archive(archive)
    before = recognised_on(store, track)
    decided = identities.new(
        store, _by(who, note), track_id=track, code=code, traits=said.traits(), mother=said.mother, flanks=flank
    )
    told = _tell(store, decided, "{0} is in the registry.", json)
    say_of_track(store, track, before)
    return told


def reject(
    track: Track,
    code: Code,
    *,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say that this track does not show that animal: it is not proposed again, and a confirmation falls.

    For example:

    ```
    ethotrap individuals reject 3f2a9c0d11e4b7a8.1 "Leo 45F" --note "a rosette more on the shoulder"
    ```
    """
    store = write_archive(archive)
    return _tell(store, identities.reject(store, track, code, _by(who, note)), f"{track} does not show {{0}}.", json)


def merge(
    kept: Annotated[str, Parameter(help="Code of the record that stays.")],
    absorbed: Annotated[str, Parameter(help="Code of the record that goes into it.")],
    *,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say that two records are of one animal. The second code stays as a former code of the first.

    For example:

    ```
    ethotrap individuals merge "Leo 45F" unknown-7 --note "same flank, five rosettes"
    ```
    """
    store = write_archive(archive)
    say_before_merging(store, kept, absorbed)
    return _tell(store, identities.merge(store, kept, absorbed, _by(who, note)), "{1} is now part of {0}.", json)


def link(
    kept: Annotated[str, Parameter(help="Code of the record that stays.")],
    absorbed: Annotated[str, Parameter(help="Code of the record of the other flank.")],
    *,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say that a left flank and a right flank belong to one animal, as when one video shows both.

    For example:

    ```
    ethotrap individuals link "Leo 45F" unknown-7 --note "turned round before the camera"
    ```
    """
    store = write_archive(archive)
    say_before_merging(store, kept, absorbed)
    return _tell(store, identities.link(store, kept, absorbed, _by(who, note)), "{1} is the other flank of {0}.", json)


def split(
    code: Code,
    *sightings: Annotated[str, Parameter(help="The sightings of the other animal, by their ids or their tracks.")],
    into: Annotated[str | None, Parameter(help="The other animal's code. [default: a provisional one]")] = None,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say that some sightings of an animal are of another one.

    For example:

    ```
    ethotrap individuals split "Leo 45F" 3f2a9c0d11e4b7a8.1 --into "Leo 46F"
    ```
    """
    store = write_archive(archive)
    decided = identities.split(store, code, sightings, _by(who, note), into=into)
    return _tell(store, decided, f"{{1}} has {len(sightings)} of the sightings that were under {{0}}.", json)


def rename(
    code: Code,
    to: Annotated[str, Parameter(help="Its new code; a sex letter in it sets the sex.")],
    *,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Give an animal another code. A provisional animal is thereby confirmed; the old code still finds it.

    For example:

    ```
    ethotrap individuals rename unknown-7 "Leo 45F"
    ```
    """
    store = write_archive(archive)
    return _tell(store, identities.rename(store, code, to, _by(who, note)), "{0} is now {1}.", json)


def set_traits(
    code: Code,
    *,
    said: Said = NOTHING,
    forget: Annotated[
        Words, Parameter(help="Take back species, sex, born, died, mother, stages, or a name, mark or tag, by itself.")
    ] = (),
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Say something about an animal: its sex, age, mother, names, marks, or what to watch for.

    For example:

    ```
    ethotrap individuals set "Leo 45F" --name Meamur --mark "torn left ear" --tag mange
    ethotrap individuals set "Leo 61F" --mother "Leo 45F" --stage cub --since 2026-03-01
    ethotrap individuals set "Leo 45F" --forget mange --note "healed"
    ```
    """
    traits = said.traits(forget)
    if traits == Traits() and said.mother is None:
        raise ConfigError(f"say something about {code}, such as --sex female or --tag mange")
    store = write_archive(archive)
    decided = identities.set_traits(store, code, traits, _by(who, note), mother=said.mother)
    told = _tell(store, decided, "Kept for {0}.", json)
    if traits.born is not None or traits.died is not None:
        say_of_animal(store, code)
    return told


def tag(
    track: Track,
    *tags: Annotated[str, Parameter(help="What is to be seen, such as mange, wound, 'kinked tail', 'missing limb'.")],
    forget: Annotated[Words, Parameter(help="A tag that does not hold; give it again for another.")] = (),
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Keep what you saw on the animal of a track, whoever it is. It stays with this sighting, not with the animal.

    `ethotrap individuals tagged` lists such sightings; `individuals set CODE --tag` tags an animal for good.

    For example:

    ```
    ethotrap individuals tag 3f2a9c0d11e4b7a8.1 mange "kinked tail"
    ethotrap individuals tag 3f2a9c0d11e4b7a8.1 --forget mange --note "only mud"
    ```
    """
    if not tags and not forget:
        raise ConfigError(f"say what is to be seen on {track}, such as mange")
    store = write_archive(archive)
    return _tell(store, identities.tag(store, track, tags, _by(who, note), forget=forget), f"Kept for {track}.", json)


def undo(
    number: Annotated[int | None, Parameter(help="The decision. [default: the last one in force]")] = None,
    *,
    note: Note = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
) -> int:
    """Take a decision back: the registry is as if it had never been. It stays in the log, and so does the undoing.

    To undo an undoing is to decide again as before.

    For example:

    ```
    ethotrap individuals undo
    ethotrap individuals undo 12 --note "wrong video"
    ```
    """
    store = write_archive(archive)
    decided = identities.undo(store, _by(who, note), number)
    return _tell(store, decided, "", json)


def day(text: str | None) -> date | None:
    """A day as a person writes it.

    Raises:
        ConfigError: it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no day; write it as 2025-06-14") from error


def _by(who: str | None, note: str) -> By:
    return By(who or person(), note)


def _tell(store: Store, decided: Decided, words: str, json: bool) -> int:
    rows = decision_rows(identities.read_log(store))
    row = rows[decided.number - 1]
    if json:
        print_json(row)
        return 0
    said = words.format(*row.about)
    if isinstance(decided.decision, Undo):  # whose word it was, since several people decide
        undone = rows[decided.decision.number - 1]
        about = ", ".join(undone.about) or "an animal that nobody knows"
        said = f"Decision {undone.decision} is undone: {undone.what} of {about}, by {undone.who}."
    console.print(f"{said} Decision {row.decision}, by {row.who}.", highlight=False, soft_wrap=True)
    return 0
