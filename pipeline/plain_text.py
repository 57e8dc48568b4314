"""Text from anybody, such as names of files on a card, made fit to be shown, kept and sent."""

import re

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BYTE = 0xFF  # of a lone surrogate

# Bytes of a name that is no UTF-8, as in an old encoding, reach Python as lone surrogates; each has a private letter.
_TO_LETTERS = {0xDC00 + byte: 0xEF00 + byte for byte in range(0x80, 0x100)}
_TO_SURROGATES = {letter: surrogate for surrogate, letter in _TO_LETTERS.items()}


def written_out(text: str) -> str:
    r"""The text with its control characters and undecodable bytes as `\x1b`; line breaks and tabs stay.

    The former would steer a terminal, and what is sent or written as UTF-8 must not hold the latter.
    """
    return _UNSHOWABLE.sub(lambda found: f"\\x{ord(found[0]) & _BYTE:02x}", text)


def in_one_line(text: str) -> str:
    r"""As `written_out`, with line breaks and tabs as `\n` and `\t`."""
    return written_out(text).replace("\n", r"\n").replace("\t", r"\t")


def in_letters(text: str) -> str:
    """The text with a private letter for each byte that is no UTF-8, as databases and JSON take it."""
    return text.translate(_TO_LETTERS)


def from_letters(text: str) -> str:
    """What `in_letters` was given: the text as Python's file functions know it."""
    return text.translate(_TO_SURROGATES)
