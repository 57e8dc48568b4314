"""The scores of a folder of simulated clips, as Markdown."""

from collections.abc import Mapping, Sequence

from models.evaluate.alarms import WINDY_FROM, EmptyRow, PeopleScore
from models.evaluate.compared import GOOD_IOU, MATCH_IOU, OWN_SHARE, VISIBLE_FROM
from models.evaluate.coverage import LEVEL, CoverageRow
from models.evaluate.mot import IdentityScore
from models.evaluate.naming import NamingRow
from models.evaluate.simulated import Provenance, SimulatedScore


def as_markdown(score: SimulatedScore) -> str:
    """The whole report, in lines of any length, with a line break at the end."""
    parts = [_about(score.about), _coverage(score.coverage), _empty(score.empty)]
    if score.people:
        parts.append(_people(score.people))
    if score.identity:
        parts.append(_identity(score.identity))
    parts.append(_naming(score.naming))
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(about: Provenance) -> str:
    splits = ", ".join(f"{split} ({clips})" for split, clips in about.splits.items())
    lines = [
        "# Simulated footage",
        "",
        f"{about.clips} clips, {about.seconds:.0f} s, of the split {splits}, with {about.seeds} seeds of cameras, "
        f"coats and performances. {_seeds(about)}",
        "",
        f"Analysed by version {about.analysed.code_version}, settings {about.analysed.settings_digest}, networks "
        + ", ".join(f"{name} {digest[:12]}" for name, digest in sorted(about.analysed.models.items()))
        + ".",
    ]
    if about.left_out:
        lines += ["", f"Not scored: {len(about.left_out)}", "", *(f"- {fault}" for fault in about.left_out)]
    return "\n".join(lines)


def _seeds(about: Provenance) -> str:
    if about.strangers:
        return f"**Seeds of another split are in {len(about.strangers)} clips: {', '.join(about.strangers)}.**"
    if len(about.splits) > 1:
        return "**The clips are of several splits.** Each has only seeds of its own."
    return "Every seed is one of this split's own, which no other split may use."


def _coverage(rows: Sequence[CoverageRow]) -> str:
    head = (
        "part",
        "clips",
        "visible, animal-s",
        f"covered, IoU {MATCH_IOU}",
        f"{_share(LEVEL, 0)} interval",
        f"covered, IoU {GOOD_IOU}",
        "median IoU",
    )
    cells = [
        (
            row.part,
            str(row.clips),
            f"{row.visible_s:.1f}",
            _share(row.covered),
            f"{_share(row.interval[0])} to {_share(row.interval[1])}",
            _share(row.covered_well),
            "" if row.median_iou is None else f"{row.median_iou:.2f}",
        )
        for row in rows
    ]
    note = (
        f"Of the time in which at least {_share(VISIBLE_FROM, 0)} of an animal can be seen, the share in which the box "
        "of a track is on it; the interval is a bootstrap over clips, the median IoU that of the covered time."
    )
    return _section("Coverage", note, head, cells)


def _empty(rows: Sequence[EmptyRow]) -> str:
    cells = [(row.part, str(row.clips), str(row.alarmed), _counts(row.kinds)) for row in rows]
    note = f"Windy: a wind of {WINDY_FROM} or more, where 1 is the simulator's strongest."
    return _section("Empty clips", note, ("part", "clips", "with a track", "tracks"), cells)


def _people(people: PeopleScore) -> str:
    covered = ""
    if people.covered:
        covered = f"{_share(people.covered.covered)} of {people.covered.visible_s:.1f} s"
    cells = [(str(people.clips), covered, _counts(people.kinds), _counts(people.elsewhere))]
    head = ("clips", "visible time covered", "tracks on people", "tracks on nobody")
    return _section("People", "", head, cells)


def _identity(identity: IdentityScore) -> str:
    tracks = "" if identity.tracks_an_animal is None else f"{identity.tracks_an_animal:.2f}"
    rows = {
        "HOTA": f"{identity.hota:.3f}",
        "DetA": f"{identity.detection:.3f}",
        "AssA": f"{identity.association:.3f}",
        "IDF1": f"{identity.idf1:.3f}",
        "MOTA": f"{identity.mota:.3f}",
        "identity switches": str(identity.switches),
        "fragmentations": str(identity.fragmentations),
        "animals ever visible": str(identity.animals),
        "of them without a track": str(identity.unfollowed),
        "tracks an animal that has any": tracks,
        "tracks on no animal": str(identity.false_tracks),
    }
    note = (
        f"Over {identity.frames} frames of clips with animals and of empty ones, by TrackEval. A box on an animal of "
        f"which less than {_share(VISIBLE_FROM, 0)} can be seen counts neither way. A track of which at least "
        f"{_share(OWN_SHARE, 0)} is on animals (IoU {MATCH_IOU}) is the track of the one on which it is longest."
    )
    return _section("Identities", note, ("measure", "value"), list(rows.items()))


def _naming(rows: Sequence[NamingRow]) -> str:
    cells = [
        (row.species, row.light, str(row.tracks), _share(row.right), _share(row.big_cat), _counts(row.called))
        for row in rows
    ]
    note = "What tracks on animals are called. Big cat: leopard or tiger."
    return _section("Species", note, ("true species", "light", "tracks", "right", "big cat", "called"), cells)


def _section(title: str, note: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A heading, a remark and a table; nothing if the table would be empty."""
    if not rows:
        return ""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n\n".join(part for part in (f"## {title}", note, "\n".join(lines)) if part)


def _share(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
