"""How results look in a notebook: HTML for `_repr_html_`, from plain values alone.

What stands in it is escaped, and left alone by the notebook's own typesetting of formulas. There is no script, no link,
no image and no style sheet: nothing is run or fetched, and the colours are those of the notebook.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# MathJax, with which notebooks typeset formulas, passes over elements of these classes.
_BOX = '<div class="tex2jax_ignore mathjax_ignore" style="max-width:48em;margin:.25em 0">{}</div>'
_DIM = "opacity:.7;font-size:.9em"
_QUOTE = "border-left:3px solid #8886;padding:.1em 0 .1em .8em;margin:.5em 0"
_MARK = "background:#fc06;color:inherit;border-radius:2px"


def boxed(*parts: str) -> str:
    """Pieces of HTML, as one."""
    return _BOX.format("".join(parts))


def line(text: str, *, strong: bool = False, dim: bool = False) -> str:
    """A paragraph; its line breaks are kept."""
    style = ("font-weight:600;" if strong else "") + (f"{_DIM};" if dim else "") + "white-space:pre-line;margin:.2em 0"
    return f'<p dir="auto" style="{style}">{escape(text)}</p>'


def quote(
    text: str, marks: Iterable[tuple[int, int]], document: str, where: str, section: Sequence[str], number: int = 0
) -> str:
    """A quote with its address below.

    Args:
        text: exactly as the source has it.
        marks: characters `[start, end)` of it that are set apart; they do not overlap.
        document, where, section: its address.
        number: shown before the address; 0 for none.

    """
    pieces, at = [], 0
    for start, end in sorted(marks):
        pieces += [escape(text[at:start]), f'<mark style="{_MARK}">{escape(text[start:end])}</mark>']
        at = end
    pieces.append(escape(text[at:]))
    told = "".join(f" › <bdi>{escape(heading)}</bdi>" for heading in section)  # noqa: RUF001 - a sign, no bracket
    head = f"[{number}] " if number else ""
    address = f'<footer style="{_DIM}">{head}<bdi>{escape(document)}</bdi>, <bdi>{escape(where)}</bdi>{told}</footer>'
    words = f'<div dir="auto" style="white-space:pre-wrap">{"".join(pieces)}</div>'
    return f'<blockquote style="{_QUOTE}">{words}{address}</blockquote>'


def facts(values: Mapping[str, object]) -> str:
    """Names and values, one a row."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;padding-right:1em">{escape(name)}</th>'
        f'<td dir="auto" style="text-align:left">{escape(str(value))}</td></tr>'
        for name, value in values.items()
    )
    return f'<table style="border:0;margin:.2em 0"><tbody>{rows}</tbody></table>'
