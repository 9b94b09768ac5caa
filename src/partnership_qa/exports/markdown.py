"""Answers as Markdown, saying what their cards on the page say: the same lines, numbers, quotes and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answering.outcome import Answer, Kind
from ..answering.quoted import ALSO, Quoted, quoted
from ..proof.annotations import is_web_address
from ..sources.markdown_inline import unsigned
from .escaping import markdown_cell, markdown_text
from .exchange import Numbering
from .fragments import page_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..answering.citing import Citation
    from .exchange import Exchange


def to_markdown(exchanges: Sequence[Exchange]) -> str:
    """The conversation, a heading on top; a quote has one number in all of it."""
    numbering = Numbering()
    return "\n".join(["# Questions and answers", "", *(exchange_markdown(one, numbering) for one in exchanges)])


def exchange_markdown(exchange: Exchange, numbering: Numbering | None = None) -> str:
    """Question, answer and quotes of one exchange; by itself it has the numbers of its card."""
    numbering = numbering or Numbering()
    head = [f"**{markdown_text(exchange.question)}**", ""]
    if exchange.within:
        head += [f"Asked within: {', '.join(map(markdown_text, exchange.within))}", ""]
    outcome = exchange.outcome
    if outcome is None:
        return "\n".join([*head, markdown_text(exchange.error), ""])
    if isinstance(outcome, Answer):
        return "\n".join([*head, *_answered(outcome, numbering)])
    return "\n".join([*head, markdown_text(outcome.text), "", *_quotes(outcome.candidates, numbering)])


def _answered(answer: Answer, numbering: Numbering) -> Iterator[str]:
    shown = quoted(answer)
    numbers = {number: numbering.of(cited) for number, cited in shown.all.items()}
    note = [markdown_text(answer.note), ""] if answer.note else []
    if shown.listed:
        yield from note
        own = list(shown.own.values())
        if answer.kind is Kind.ROWS and all(cited.cells for cited in own):
            yield from _table(own, numbering, numbered=True)
        else:
            yield from _lines(shown, numbers, "- ")
        yield from ("", _addresses(own, numbering), "")
        return
    yield from _lines(shown, numbers, "- " if len(shown.lines) > 1 else "")
    yield from ("", *note)
    yield from _quotes(shown.own.values(), numbering)
    if shown.others:
        yield from (ALSO, "", *_quotes(shown.others.values(), numbering))


def _lines(shown: Quoted, numbers: dict[int, int], bullet: str) -> Iterator[str]:
    for line in shown.lines:
        yield f"{bullet}{markdown_text(line.text)} {''.join(f'[{numbers[number]}]' for number in line.numbers)}"


def _quotes(quotes: Iterable[Citation], numbering: Numbering) -> Iterator[str]:
    for cited in quotes:
        words = _table([cited], numbering) if cited.cells else [markdown_text(unsigned(cited.quote, cited.document))]
        yield from (f"> {line}" for line in words)
        yield from (">", f"> [{numbering.of(cited)}] {_address(cited)}", "")


def _table(rows: Sequence[Citation], numbering: Numbering, *, numbered: bool = False) -> list[str]:
    """Rows of one table under the names of its columns; numbered, each with its number behind it."""
    width = max(len(row.cells) for row in rows)
    names = next((row.columns for row in rows if row.columns), ())
    lines = [[*map(markdown_cell, names), *[""] * (width - len(names)), *([""] if numbered else [])]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        cells = [row.quote[start - row.start : end - row.start] for start, end in row.cells]
        shown = [markdown_cell(unsigned(cell, row.document)) for cell in cells]
        lines.append([*shown, *[""] * (width - len(shown)), *([f"[{numbering.of(row)}]"] if numbered else [])])
    return [f"| {' | '.join(line)} |" for line in lines]


def _address(cited: Citation) -> str:
    return _said(cited, cited.where, cited.end)


def _addresses(listed: Sequence[Citation], numbering: Numbering) -> str:
    """One address for quotes of one place that follow each other."""
    first, last = min(listed, key=lambda one: one.start), max(listed, key=lambda one: one.end)
    numbers = sorted({numbering.of(one) for one in listed})
    runs = len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1
    shown = f"[{numbers[0]}]–[{numbers[-1]}]" if runs else "".join(f"[{number}]" for number in numbers)  # noqa: RUF001
    where = " to ".join(dict.fromkeys((first.where, last.where)))
    return f"{shown} {_said(first, where, last.end)}"


def _said(cited: Citation, where: str, end: int) -> str:
    address = f"{where}, characters {cited.start}–{end}, sha256 {cited.sha256[:12]}"  # noqa: RUF001
    headings = "".join(f"{unsigned(heading, cited.document)} › " for heading in cited.section)  # noqa: RUF001
    before = f"{headings.removesuffix(' › ')} · " if headings else ""  # noqa: RUF001
    name = markdown_text(cited.document)
    link = page_link(cited) if is_web_address(cited.document) else None
    if link is not None:
        name = f"[{name}](<{link}>)"
    return f"{markdown_text(before)}{' ' if before else ''}{name}, {markdown_text(address)}"
