"""A conversation as a file: Markdown, JSON, CSL-JSON and BibTeX, each with its quotes and their addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..answering.outcome import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..answering.citing import Citation
    from .turns import Turn

# A backslash before these keeps Markdown from taking the words of a text for its own signs.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$&])")
_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def markdown_text(text: str) -> str:
    """The text in one line, so that Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def turn_markdown(turn: Turn) -> str:
    """Question, answer and quotes of one turn."""
    lines = [f"**{markdown_text(turn.question)}**", ""]
    if turn.result is None:
        return "\n".join([*lines, markdown_text(turn.error), ""])
    numbers = "".join(f"\\[{n}\\]" for n in range(1, len(turn.result.citations) + 1))
    answer = [markdown_text(line) for line in turn.result.text.split("\n")]
    if len(answer) > 1:
        lines += [f"- {line} \\[{n}\\]" for n, line in enumerate(answer, 1)]
    else:
        lines += [f"{answer[0]} {numbers}".rstrip()]
    lines.append("")
    for n, cited in enumerate(turn.result.citations, 1):
        lines += [f"> {markdown_text(cited.quote)}", ">", f"> \\[{n}\\] {markdown_text(_address(cited))}", ""]
    return "\n".join(lines)


def _address(cited: Citation) -> str:
    place = f"page {cited.page}" if cited.page is not None else f"line {cited.line}"
    where = f"{cited.document}, {place}, characters {cited.start}–{cited.end}, sha256 {cited.sha256[:12]}"  # noqa: RUF001
    return f"{' › '.join(cited.section)} · {where}" if cited.section else where  # noqa: RUF001


def to_markdown(turns: Sequence[Turn]) -> str:
    """The conversation, a heading on top."""
    return "\n".join(["# Questions and answers", "", *(turn_markdown(turn) for turn in turns)])


def to_json(turns: Sequence[Turn]) -> str:
    """The conversation with everything that `to_dict` gives: offsets, highlights, hashes."""
    values = [turn.result.to_dict() | {"generation": turn.generation} for turn in turns if turn.result is not None]
    return json.dumps(values, ensure_ascii=False, indent=1)


def _cited(turns: Sequence[Turn]) -> Iterator[tuple[str, str, Citation]]:
    """Key, answer and citation, each quote once."""
    seen: dict[tuple[str, int, int], None] = {}
    for turn in turns:
        if isinstance(turn.result, Answer):
            for cited in turn.result.citations:
                place = (cited.sha256, cited.start, cited.end)
                if place not in seen:
                    seen[place] = None
                    yield f"quote-{cited.sha256[:8]}-{cited.start}-{cited.end}", turn.result.text, cited


def to_csl(turns: Sequence[Turn]) -> str:
    """The quotes as CSL-JSON, one item a quote; reference managers read it."""
    items = [
        {
            "id": key, "type": "document", "title": cited.document, "section": " › ".join(cited.section),  # noqa: RUF001
            "locator": f"line {cited.line}" if cited.page is None else str(cited.page), "abstract": cited.quote,
            "note": f"characters {cited.start}-{cited.end}; sha256 {cited.sha256}",
        }
        for key, _, cited in _cited(turns)
    ]  # fmt: skip
    return json.dumps(items, ensure_ascii=False, indent=1)


def to_bibtex(turns: Sequence[Turn]) -> str:
    """The quotes as BibTeX, one `@misc` a quote."""
    return "\n".join(_entry(key, cited) for key, _, cited in _cited(turns))


def _entry(key: str, cited: Citation) -> str:
    fields = {
        "title": cited.document, "chapter": " / ".join(cited.section), "abstract": " ".join(cited.quote.split()),
        "note": f"line {cited.line}, characters {cited.start}-{cited.end}, sha256 {cited.sha256}",
    }  # fmt: skip
    body = ",\n".join(f"  {name} = {{{_bibtex(value)}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}\n}}\n"


def _bibtex(value: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in value)


FORMATS: dict[str, tuple[str, Callable[[Sequence[Turn]], str]]] = {
    "Markdown": ("conversation.md", to_markdown),
    "JSON": ("conversation.json", to_json),
    "CSL-JSON": ("quotes.csl.json", to_csl),
    "BibTeX": ("quotes.bib", to_bibtex),
}
