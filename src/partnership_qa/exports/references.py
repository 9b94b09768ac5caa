"""The quotes for reference managers: CSL-JSON and BibTeX, one entry a quote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from ..answering.outcome import Answer
from ..answering.quoted import quoted
from ..proof.annotations import is_web_address
from .escaping import bibtex_text
from .fragments import page_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answering.citing import Citation
    from .exchange import Exchange


class _Entry(NamedTuple):
    """A quote, what is to be said of it where it is only a candidate, and what was asked."""

    cited: Citation
    claim: str
    within: tuple[str, ...]

    @property
    def asked(self) -> str:
        return f"; asked within {', '.join(self.within)}" if self.within else ""


def _entries(exchanges: Sequence[Exchange]) -> dict[str, _Entry]:
    """Each quote once, by its key, in the order of their numbers."""
    found: dict[str, _Entry] = {}
    for one in exchanges:
        if isinstance(one.outcome, Answer):
            # A quote that answers is no mere candidate, whatever it was for another question.
            found |= {_key(cited): _Entry(cited, "", one.within) for cited in quoted(one.outcome).all.values()}
        elif one.outcome is not None:
            for cited in one.outcome.candidates:
                found.setdefault(_key(cited), _Entry(cited, "candidate, no answer is claimed; ", one.within))
    return found


def _key(cited: Citation) -> str:
    return f"quote-{cited.sha256[:8]}-{cited.start}-{cited.end}"


def to_csl(exchanges: Sequence[Exchange]) -> str:
    """The quotes as CSL-JSON; reference managers read it."""
    items = [
        {
            "id": key, "type": "document", "title": cited.document, "section": " › ".join(cited.section),  # noqa: RUF001
            "locator": str(cited.page) if cited.page is not None and not cited.place else cited.where,
            "abstract": cited.quote, "citation-number": number,
            "note": f"{entry.claim}characters {cited.start}-{cited.end}; sha256 {cited.sha256}{entry.asked}",
        } | ({"URL": link} if (link := _link(cited)) else {})
        for number, (key, entry) in enumerate(_entries(exchanges).items(), 1)
        for cited in [entry.cited]
    ]  # fmt: skip
    return json.dumps(items, ensure_ascii=False, indent=1)


def _link(cited: Citation) -> str | None:
    """Where the quote stands in the web; a file of the corpus has no address that others could open."""
    return page_link(cited) if is_web_address(cited.document) else None


def to_bibtex(exchanges: Sequence[Exchange]) -> str:
    """The quotes as BibTeX, one `@misc` a quote."""
    return "\n".join(_bibtex(key, entry) for key, entry in _entries(exchanges).items())


def _bibtex(key: str, entry: _Entry) -> str:
    cited = entry.cited
    fields = {
        "title": cited.document, "chapter": " / ".join(cited.section), "abstract": " ".join(cited.quote.split()),
        "note": f"{entry.claim}{cited.where}, characters {cited.start}-{cited.end}, sha256 {cited.sha256}{entry.asked}",
        "url": _link(cited) or "",
    }  # fmt: skip
    body = ",\n".join(f"  {name} = {{{bibtex_text(value)}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}\n}}\n"
