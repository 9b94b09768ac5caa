"""A conversation as a file: Markdown, JSON, CSL-JSON and BibTeX, each with its quotes and their addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..answering.outcome import Answer
from .quoted import ALSO, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
    """Question, answer and quotes of one turn, with the numbers that its card has."""
    head = [f"**{markdown_text(turn.question)}**", ""]
    if turn.within:
        head += [f"Asked within: {', '.join(map(markdown_text, turn.within))}", ""]
    if turn.result is None:
        return "\n".join([*head, markdown_text(turn.error), ""])
    if isinstance(turn.result, Answer):
        return "\n".join([*head, *_answered(turn.result)])
    candidates = _quotes(dict(enumerate(turn.result.candidates, 1)))
    return "\n".join([*head, markdown_text(turn.result.text), "", *candidates])


def _answered(result: Answer) -> Iterator[str]:
    shown = quoted(result)
    bullet = "- " if len(shown.lines) > 1 else ""
    for line in shown.lines:
        numbers = "".join(f"\\[{number}\\]" for number in line.numbers)
        yield f"{bullet}{markdown_text(line.text)} {numbers}"
    yield ""
    if result.note:
        yield from (markdown_text(result.note), "")
    yield from _quotes(shown.own)
    if shown.others:
        yield from (ALSO, "", *_quotes(shown.others))


def _quotes(quotes: Mapping[int, Citation]) -> Iterator[str]:
    for number, cited in quotes.items():
        yield from (f"> {markdown_text(cited.quote)}", ">", f"> \\[{number}\\] {markdown_text(_address(cited))}", "")


def _address(cited: Citation) -> str:
    where = f"{cited.document}, {cited.where}, characters {cited.start}–{cited.end}, sha256 {cited.sha256[:12]}"  # noqa: RUF001
    return f"{' › '.join(cited.section)} · {where}" if cited.section else where  # noqa: RUF001


def to_markdown(turns: Sequence[Turn]) -> str:
    """The conversation, a heading on top."""
    return "\n".join(["# Questions and answers", "", *(turn_markdown(turn) for turn in turns)])


def to_json(turns: Sequence[Turn]) -> str:
    """The conversation with everything that `to_dict` gives, and what each question was asked within."""
    values = [
        turn.result.to_dict() | {"generation": turn.generation, "within": list(turn.within)}
        for turn in turns
        if turn.result is not None
    ]
    return json.dumps(values, ensure_ascii=False, indent=1)


def _cited(turns: Sequence[Turn]) -> dict[str, tuple[Citation, str]]:
    """By its key each quote, once, and what is to be said of it where it is only a candidate."""
    found: dict[str, tuple[Citation, str]] = {}
    for turn in turns:
        if isinstance(turn.result, Answer):
            # A quote that answers is no mere candidate, whatever it was for another question.
            found |= {_key(cited): (cited, "") for cited in quoted(turn.result).all.values()}
        elif turn.result is not None:
            for cited in turn.result.candidates:
                found.setdefault(_key(cited), (cited, "candidate, no answer is claimed; "))
    return found


def _key(cited: Citation) -> str:
    return f"quote-{cited.sha256[:8]}-{cited.start}-{cited.end}"


def to_csl(turns: Sequence[Turn]) -> str:
    """The quotes as CSL-JSON, one item a quote; reference managers read it."""
    items = [
        {
            "id": key, "type": "document", "title": cited.document, "section": " › ".join(cited.section),  # noqa: RUF001
            "locator": str(cited.page) if cited.page is not None and not cited.place else cited.where,
            "abstract": cited.quote,
            "note": f"{claim}characters {cited.start}-{cited.end}; sha256 {cited.sha256}",
        }
        for key, (cited, claim) in _cited(turns).items()
    ]  # fmt: skip
    return json.dumps(items, ensure_ascii=False, indent=1)


def to_bibtex(turns: Sequence[Turn]) -> str:
    """The quotes as BibTeX, one `@misc` a quote."""
    return "\n".join(_entry(key, cited, claim) for key, (cited, claim) in _cited(turns).items())


def _entry(key: str, cited: Citation, claim: str) -> str:
    fields = {
        "title": cited.document, "chapter": " / ".join(cited.section), "abstract": " ".join(cited.quote.split()),
        "note": f"{claim}{cited.where}, characters {cited.start}-{cited.end}, sha256 {cited.sha256}",
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
