"""Words put so that Markdown and BibTeX show them as they are, with no more backslashes than that takes."""

from __future__ import annotations

import re

# What CommonMark, and the tables, strikes and formulas of its dialects, would take for a sign in a line of text.
_INLINE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)"  # a backslash that would hide what follows
    r"|`"
    r"|(?<!\s)\*|\*(?!\s)"  # between spaces it is a sign of multiplication
    r"|(?<![^\W_])_(?!\s)|(?<!\s)_(?![^\W_])"  # inside a word it is one of its letters
    r"|\](?=[(\[:])"  # ends the text of a link, or the name of one
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w{1,40};)"
    r"|~(?=~)|(?<=~)~"
    r"|\$(?=\$)|(?<=\$)\$"
)
# The same at the beginning of a line: headings, quotes, bullets, rulers, tables; and the point of a number.
_OPENING = re.compile(r"#{1,6}(?=\s|$)|>|[-+](?=\s|$)|-(?=[-\s]*$)|=(?==*\s*$)|\||(?<=\d)[.)](?=\s|$)")
_NUMBER = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def markdown_text(text: str) -> str:
    """The text in one line, so that Markdown shows it as it is."""
    line = _inline(text)
    number = _NUMBER.match(line)
    at = number.end() if number else 0
    return f"{line[:at]}\\{line[at:]}" if _OPENING.match(line, at) else line


def markdown_cell(text: str) -> str:
    """The text for a cell of a Markdown table."""
    return _inline(text).replace("|", r"\|")


def _inline(text: str) -> str:
    return _INLINE.sub(r"\\\g<0>", " ".join(text.split()))


def bibtex_text(text: str) -> str:
    """The text for a field of BibTeX."""
    return "".join(_BIBTEX.get(char, char) for char in text)
