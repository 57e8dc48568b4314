"""HTML pages that people look at and print: one file each, without anything from the network."""

from html import escape
from pathlib import Path

from pipeline.errors import StoreError
from pipeline.plain_text import written_out


def page(title: str, style: str, body: str) -> str:
    """A whole page.

    Args:
        title: in words; it is escaped here.
        style: CSS.
        body: HTML.
    """
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style></head>
<body>{body}
</body></html>
"""


def write_page(out: Path, text: str, what: str) -> None:
    """Write a page.

    Args:
        out: the file; its folder is made if need be.
        text: the page.
        what: what it is, for the complaint: "sheet" or "report".

    Raises:
        StoreError: the file cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(written_out(text), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"cannot write the {what} {out}: {error.strerror or error}; choose another place") from error
