"""Commands that ask the archive and correct it: bouts, tracks, show, ethogram, label, unlabel, export."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter, validators

from flows.commands.display import console, print_json, print_table, show
from flows.commands.options import (
    DEFAULT_ARCHIVE,
    Archive,
    Config,
    Csv,
    Json,
    Likely,
    Which,
    Who,
    check_code,
    ethogram_of,
    person,
    read_archive,
    settings_of,
    species_codes,
    write_archive,
)
from pipeline.behaviour import informative
from pipeline.errors import ConfigError
from pipeline.exchange.table import export_csv
from pipeline.store import queries
from pipeline.store.detail import bout_detail
from pipeline.store.labels import Word, label_found, label_in_view, withdraw_label
from pipeline.store.matching import Label
from pipeline.store.open import Store
from pipeline.store.repeats import RepeatRow, at_the_same_place
from pipeline.store.repeats import repeats as repeats_in
from pipeline.store.rows import BoutRow, TrackRow
from pipeline.values import BLANK, NO_ANIMALS, PEOPLE

EVERYTHING = Which()


@dataclass(frozen=True, slots=True)
class EthogramRow:
    """A behaviour that can be given. Field names are keys of `--json`; what each means stands in the ethogram."""

    code: str
    name: str
    category: str
    type: str
    definition: str
    after: str
    confusable_with: tuple[str, ...]
    at_once_with: tuple[str, ...]
    camtrap_dp: str
    recognised: bool


def register(app: App) -> None:
    """Add these commands to the application."""
    for command in (bouts, tracks, repeats, ethogram, label, unlabel, export):
        app.command(command)
    app.command(show_bout, name="show")


def bouts(
    *,
    behaviour: Annotated[
        str | None, Parameter(help="Only this behaviour, by its code or name in the ethogram.")
    ] = None,
    min_probability: Likely = 0.0,
    most_informative: Annotated[
        int | None,
        Parameter(
            validator=validators.Number(gte=1),
            help="Only so many unlabelled bouts: those whose labels would teach the classifier most.",
        ),
    ] = None,
    which: Which = EVERYTHING,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """List bouts of behaviour.

    JSON and CSV have, among others, the keys bout, media, file, track, species, behaviour, start_s, end_s,
    probability, location, captured_at. Where a person has spoken, behaviour and species are the person's.

    For example:

    ```
    ethotrap bouts --behaviour travel --species leopard
    ethotrap bouts --since 2025-06-01 --until 2025-07-01 --min-probability 0.7 --csv > june.csv
    ethotrap bouts --most-informative 50
    ```
    """
    store = read_archive(archive)
    wanted = which.bouts(store, behaviour, min_probability)
    found: Iterable[BoutRow]
    if most_informative is None:
        found = queries.each_bout(store, wanted)
    else:
        most = most_informative if which.limit is None else min(most_informative, which.limit)
        asked = queries.each_open_bout(store, replace(wanted, limit=None))
        found = queries.named_bouts(store, informative.most_informative(asked, most))
    columns = ["bout", "species", "behaviour", "start_s", "end_s", "probability", "location", "captured_at", "clip"]
    show("Bouts", BoutRow, found, columns, as_json_=json, as_csv=csv)
    return 0


def tracks(
    *, which: Which = EVERYTHING, archive: Archive = DEFAULT_ARCHIVE, json: Json = False, csv: Csv = False
) -> int:
    """List tracks: each animal, person or vehicle through one video.

    JSON and CSV have, among others, the keys media, file, track, species, start_s, end_s, seen_share.

    For example:

    ```
    ethotrap tracks --species leopard
    ethotrap tracks --json
    ```
    """
    store = read_archive(archive)
    found = queries.each_track(store, which.tracks(store))
    columns = ["media", "track", "kind", "species", "start_s", "end_s", "seen_share", "location", "captured_at", "file"]
    show("Tracks", TrackRow, found, columns, as_json_=json, as_csv=csv)
    return 0


def repeats(
    *,
    location: Annotated[str | None, Parameter(help="Only this location.")] = None,
    archive: Archive = DEFAULT_ARCHIVE,
    json: Json = False,
    csv: Csv = False,
) -> int:
    """List what stands at the same place before one camera in video after video: likelier a stump than an animal.

    Look at the clip of each. If it is no animal, `label` says so of all its tracks at once.

    For example:

    ```
    ethotrap repeats
    ethotrap label 3f2a9c0d11e4b7a8.2 --species blank --repeats
    ```
    """
    found = repeats_in(read_archive(archive), location)
    columns = ["track", "location", "species", "videos", "called_blank", "first", "last", "clip"]
    show("Repeats", RepeatRow, found, columns, as_json_=json, as_csv=csv)
    return 0


def show_bout(
    bout: Annotated[str, Parameter(help="Id of the bout, as `ethotrap bouts` lists it.")],
    *,
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
    json: Json = False,
) -> int:
    """Show everything about one bout: what was seen, what spoke for it, what people said, where the clip is.

    For example:

    ```
    ethotrap show 3f2a9c0d11e4b7a8.1.2
    ```
    """
    detail = bout_detail(read_archive(archive), bout)
    if json:
        print_json(detail)
        return 0
    row = detail.bout
    said = f"{row.human_behaviour} (a person's word; the machine said {row.machine_behaviour})"
    captured = detail.footage.captured
    facts = [
        ("behaviour", said if row.human_behaviour else f"{row.behaviour} ({row.probability:.0%})"),
        ("called", ethogram_of(settings_of(config)).name_of(row.behaviour)),
        ("at once with", ", ".join(row.also) or "nothing"),
        ("evidence", row.evidence),
        ("species", f"{row.species} ({', '.join(f'{k} {v:.0%}' for k, v in detail.species_scores.items())})"),
        ("in the video", f"{row.start_s:.2f} to {row.end_s:.2f} s{_cut_off(row.censored_start, row.censored_end)}"),
        ("clip", row.clip or "none"),
        ("poster", row.poster or "none"),
        ("filmed", f"{row.captured_at} by {captured.tag}" if captured else "undated"),
        ("time notes", "; ".join(detail.footage.time_notes) or "none"),
        ("location", row.location or "unknown"),
        ("video", "; ".join(str(path) for path in detail.copies)),
        ("decoded", f"{detail.decoded.decoded_frames} frames, {detail.decoded.complaint or 'complete'}"),
        ("analysed", f"{detail.analysed_at:%Y-%m-%d %H:%M} UTC by Ethotrap {detail.analysed.code_version}"),
    ]
    facts += [
        (i.name, f"{i.value:.2f} {i.unit}" if i.value is not None else i.not_assessable) for i in detail.indicators
    ]
    facts += [
        (
            f"label {one.label_id}",
            f"{one.behaviour or one.species} by {one.who}{' (withdrawn)' if one.withdrawn_at else ''}",
        )
        for one in detail.labels
    ]
    print_table(f"Bout {bout}", ["", ""], facts)
    return 0


def ethogram(*, config: Config = None, json: Json = False, csv: Csv = False) -> int:
    """List the behaviours that a bout or a label can have, what each means and what it is easily confused with.

    For example:

    ```
    ethotrap ethogram
    ethotrap ethogram --config park.yaml --csv
    ```
    """
    every = ethogram_of(settings_of(config)).behaviours
    given = [EthogramRow(**one.model_dump(exclude={"enabled"})) for one in every if one.enabled]
    columns = ["code", "name", "category", "definition", "confusable_with", "recognised", "after"]
    show("Behaviours", EthogramRow, given, columns, as_json_=json, as_csv=csv)
    return 0


def label(
    found: Annotated[
        str, Parameter(help="The bout or the track; with --species person or vehicle also a whole video.")
    ],
    *,
    behaviour: Annotated[str | None, Parameter(help="What it does, by its code or name in the ethogram.")] = None,
    species: Annotated[
        str | None,
        Parameter(help="What it is, by its code in the species list; or person, or vehicle; or blank: no animal."),
    ] = None,
    repeats: Annotated[
        bool, Parameter(negative="", help="With --species blank: so is all that stays there before the same camera.")
    ] = False,
    note: Annotated[str, Parameter(help="Anything worth keeping with it.")] = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
    config: Config = None,
) -> int:
    """Correct a bout. A person's word stands beside the machine's, wins, and outlives every new analysis.

    A track's id is its video's, a full stop and its number in it. A video in which you say that a person or a vehicle
    can be seen stays out of every film; one that is out of films because of what may be a person, or is not quite
    surely an animal, gets in once you say what that is. What you say is blank, a stump or a shadow, has no bouts any
    more.

    For example:

    ```
    ethotrap label 3f2a9c0d11e4b7a8.1.2 --behaviour play
    ethotrap label 3f2a9c0d11e4b7a8.1.2 --species leopard --who "A. Petrova" --note "rosettes seen"
    ethotrap label 3f2a9c0d11e4b7a8.2 --species blank --repeats --note "the burnt stump"
    ethotrap label 3f2a9c0d11e4b7a8 --species person --note "legs behind the trunk"
    ```
    """
    settings = settings_of(config)
    if behaviour is None and species is None:
        raise ConfigError("say what it does with --behaviour, or what it is with --species")
    if behaviour is not None:
        ethogram = ethogram_of(settings)
        behaviour = ethogram.get_enabled(ethogram.code_of(behaviour)).code
    if species is not None:
        check_code("species", species, [*species_codes(settings), *NO_ANIMALS])
    if behaviour is not None and species in NO_ANIMALS:
        raise ConfigError(f"what is {species} has no behaviour: say either")
    if repeats and species != BLANK:
        raise ConfigError("--repeats goes with --species blank: an animal is at one place at a time")
    word = Word(who or person(), behaviour, species, note)
    store = write_archive(archive)
    kept = _keep(store, found, word)
    others = at_the_same_place(store, ".".join(found.split(".")[:2])) if repeats else []
    for one in others:
        label_found(store, one, word)
    also = f"; so are {len(others)} more at the same place" if repeats else ""
    console.print(f"Kept as label {kept.label_id}: {behaviour or species} by {kept.who}{also}.")
    return 0


def _keep(store: Store, found: str, word: Word) -> Label:
    if "." in found:
        return label_found(store, found, word)
    if word.species not in PEOPLE or word.behaviour is not None:
        raise ConfigError(
            f"{found!r} is a whole video, of which only --species person or vehicle can be said; name a bout or a track"
        )
    return label_in_view(store, found, word)


def unlabel(
    label_id: Annotated[str, Parameter(help="Id of the label, as `ethotrap show` and `status` list it.")],
    *,
    note: Annotated[str, Parameter(help="Why.")] = "",
    who: Who = None,
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Withdraw a label. It stays on record, and the machine's word or an older label counts again.

    For example:

    ```
    ethotrap unlabel 5d1c0a9e77b2f310 --note "wrong animal"
    ```
    """
    withdraw_label(write_archive(archive), label_id, who=who or person(), note=note)
    console.print(f"Label {label_id} is withdrawn.")
    return 0


def export(
    form: Annotated[Literal["csv"], Parameter(help="How they are written.")],
    *,
    out: Annotated[Path, Parameter(help="Folder for the files.")] = Path("export"),
    archive: Archive = DEFAULT_ARCHIVE,
) -> int:
    """Write the archive's tables for other programs.

    For example:

    ```
    ethotrap export csv --out export
    ```
    """
    for path in export_csv(read_archive(archive), out):
        console.print(path, soft_wrap=True)
    return 0


def _cut_off(start: bool, end: bool) -> str:
    if start and end:
        return ", going on before and after the video"
    if start:
        return ", already going on when the video began"
    return ", still going on when the video ended" if end else ""
