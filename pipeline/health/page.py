"""What the pages of health reports share: how they look, and how a flag is shown."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from pipeline.health.flags import PREAMBLE, Severity
from pipeline.health.history import Visit
from pipeline.store.flag_words import FlagRow

RULES = {
    "travel_speed": "walking speed",
    "stride_frequency": "strides",
    "gait_asymmetry": "evenness of gait",
    "head_bob": "bobbing of the head",
    "back_bob": "bobbing of the back",
    "girth_length": "girth for its length",
    "tortuosity": "winding walk",
    "gait": "the walk as a whole",
    "not_seen": "not seen",
    "cub_not_seen": "cub not seen",
    "hours_shift": "hours",
    "distemper_pattern": "distemper pattern",
}
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem; color: #111;
  background: #fff; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .4rem; }
h3 { font-size: 1rem; margin: 1rem 0 .1rem; } p { margin: .2rem 0 .7rem; } .small { font-size: .87rem; color: #333; }
.wide { overflow-x: auto; break-inside: avoid; } .wide:has(tr) { break-inside: auto; } tr { break-inside: avoid; }
img.plot { width: 100%; min-width: 42rem; height: auto; display: block; margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th { text-align: left; }
td, th { padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.flag { border: 1px solid #555; border-left-width: 6px; padding: .5rem .8rem; margin: .6rem 0; break-inside: avoid; }
.flag.first { border-left-style: solid; border-left-width: 14px; border-color: #000; }
.flag.soon { border-left-style: double; border-left-width: 12px; } .flag.watch { border-left-style: dashed; }
.flag.past { border: 1px dotted #777; color: #333; } .flag b { font-size: 1.02rem; }
.clips { display: flex; flex-wrap: wrap; gap: .8rem; } figure { margin: 0; width: 13.5rem; break-inside: avoid; }
figure img { width: 100%; aspect-ratio: 16 / 9; object-fit: cover; background: #ddd; } figcaption { font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0; } dt { color: #444; }
dd { margin: 0; } code { background: #eee; padding: 0 .25rem; } a { color: inherit; }
h2, h3, h3 + p { break-after: avoid; } .wide + p { break-before: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } .wide { overflow: visible; }
  img.plot { min-width: 0; } }
"""


def plot(picture: str, says: str) -> str:
    """A picture of a report; a screen too narrow for its words moves it sideways.

    Args:
        picture: a data URI.
        says: what it shows, for who cannot see it.
    """
    return f'<div class="wide"><img class="plot" src="{picture}" alt="{escape(says)}"></div>'


def table(head: Sequence[str], rows: Iterable[str]) -> str:
    """A table of a report, likewise.

    Args:
        head: the columns' names in words; none for a table that needs none.
        rows: HTML, each a `tr`.
    """
    names = f"<tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr>" if head else ""
    return f'<div class="wide"><table>{names}{"".join(rows)}</table></div>'


def preamble() -> str:
    """What a reader must know before the first flag."""
    return f'<p class="small">{escape(PREAMBLE)}</p>'


def flag_card(row: FlagRow, number: int | None, visits: Mapping[str, Visit], links: Mapping[str, str]) -> str:
    """One flag with all that speaks for it.

    Args:
        row: the flag, and what people said of it.
        number: by which the pictures refer to it; None for one that they do not show.
        visits: sightings by their ids.
        links: for sightings with a clip, its address.
    """
    flag = row.flag
    kind = "past" if row.state in ("ended", "dismissed") else _CLASS[flag.severity]
    shown = f"{number}. " if number is not None else ""
    ended = f", as before since {flag.ended:%Y-%m-%d}" if flag.ended else ""
    rare = f"at most {flag.false_alarms_a_year:.2g} a year on an animal without any change"
    facts = (
        ("Since", f"{flag.began:%Y-%m-%d}; enough to say so on {flag.raised:%Y-%m-%d}{ended}"),
        ("Effect", f"{flag.effect:.2g} {flag.effect_unit}"),
        (
            "Rests on",
            f"{flag.rests_on} sightings; compared with {flag.compared_with} ({flag.reference_size} sightings)",
        ),
        ("By chance", rare),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts)
    rows += f"<dt>Look at</dt><dd>{_evidence(flag.evidence, visits, links)}</dd>"
    words = "".join(
        f"<dt>{escape(one.at.strftime('%Y-%m-%d'))}</dt><dd>{escape(one.who)}: {_SAID[one.said.value]}"
        f"{escape('. ' + one.note if one.note else '')}</dd>"
        for one in row.words
    )
    summary = flag.summary[:1].upper() + flag.summary[1:]
    return (
        f'<div class="flag {kind}" id="flag-{flag.flag_id}"><b>{shown}{escape(RULES[flag.rule].capitalize())}</b>'
        f" &middot; {escape(flag.severity)} &middot; {escape(row.state)}"
        f"<p>{escape(summary)}.</p><dl>{rows}{words}</dl>{_what_to_say(row)}</div>"
    )


def _what_to_say(row: FlagRow) -> str:
    """The commands that a person can answer a flag with."""
    commands = [f"<code>ethotrap health {said} {row.flag.flag_id}</code>" for said in _ANSWERS[row.state]]
    return f'<p class="small">{" or ".join(commands)}</p>' if commands else ""


_CLASS = {Severity.FIRST: "first", Severity.SOON: "soon", Severity.WATCH: "watch"}
_ANSWERS = {
    "open": ("acknowledge", "dismiss"),
    "acknowledged": ("dismiss", "reopen"),
    "dismissed": ("reopen",),
    "ended": (),
}
_SAID = {"acknowledge": "acknowledged", "dismiss": "dismissed", "reopen": "opened again"}
_MOST_EVIDENCE = 12


def _evidence(ids: Sequence[str], visits: Mapping[str, Visit], links: Mapping[str, str]) -> str:
    shown = []
    for one in ids[-_MOST_EVIDENCE:]:
        visit = visits.get(one)
        text = escape(one if visit is None else f"{visit.at:%Y-%m-%d %H:%M} {visit.location}")
        shown.append(f'<a href="{escape(links[one])}">{text}</a>' if one in links else text)
    more = len(ids) - len(shown)
    return "; ".join(shown) + (f"; and {more} before" if more > 0 else "")
