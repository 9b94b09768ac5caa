"""Quotes as W3C Web Annotations in JSON-LD; `partnership-qa verify` reads them back (`proof.annotations`).

Each quote is the target of an annotation whose bodies are the question and the words that answer it. Its characters are
given by a TextPositionSelector and a TextQuoteSelector, its bytes in a plain text by a DataPositionSelector, its page
in a PDF and its words in a web page by a FragmentSelector. The file's hash is the one term that the standard's context
lacks; it is schema.org's.
"""

from __future__ import annotations

import json
import mimetypes
import uuid
from typing import TYPE_CHECKING, Any

from ..answering.outcome import Answer
from ..answering.quoted import quoted
from ..proof.annotations import CONTEXT, PDF_FRAGMENT, TERMS, TEXT_FRAGMENT, iri_of
from .fragments import has_page, text_fragment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..answering.citing import Citation
    from .exchange import Exchange

# Equal annotations have equal names, whoever writes them.
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:partnership-qa:annotation")
_TYPES = {".md": "text/markdown", ".markdown": "text/markdown", ".text": "text/plain"}
NO_CLAIM = "candidate: no answer is claimed"


def to_annotations(exchanges: Sequence[Exchange]) -> str:
    """The quotes as one AnnotationCollection with its page."""
    items = [_annotation(*one, exchange.within) for exchange in exchanges for one in _targets(exchange)]
    name = _name(*(item["id"] for item in items))
    page = {"id": f"{name}#page", "type": "AnnotationPage", "startIndex": 0, "items": items}
    collection = {
        "@context": [CONTEXT, TERMS], "id": name, "type": "AnnotationCollection", "label": "Questions and answers",
        "total": len(items), "first": page,
    }  # fmt: skip
    return json.dumps(collection, ensure_ascii=False, indent=1)


def _targets(exchange: Exchange) -> Iterator[tuple[str, str, Citation]]:
    """Question, words that answer it, and quote; of a mere candidate there are no such words."""
    outcome = exchange.outcome
    if isinstance(outcome, Answer):
        shown = quoted(outcome)
        for number, cited in shown.all.items():
            said = dict.fromkeys(line.text for line in shown.lines if number in line.numbers)
            yield exchange.question, "\n".join(said), cited
    elif outcome is not None:
        for cited in outcome.candidates:
            yield exchange.question, "", cited


def _annotation(question: str, said: str, cited: Citation, within: Sequence[str]) -> dict[str, Any]:
    bodies = [_body("questioning", question), _body("replying", said) if said else _body("tagging", NO_CLAIM)]
    if within:
        bodies.append(_body("describing", f"asked within {', '.join(within)}"))
    return {
        "id": _name(question, said, *within, cited.document, cited.sha256, str(cited.start), str(cited.end)),
        "type": "Annotation", "motivation": "highlighting", "body": bodies, "target": _target(cited),
    }  # fmt: skip


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "format": "text/plain", "value": value}


def _target(cited: Citation) -> dict[str, Any]:
    suffix = cited.document[cited.document.rfind(".") :].lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0]
    source = {"id": iri_of(cited.document), "type": "Text", "sha256": cited.sha256} | ({"format": kind} if kind else {})
    proof = cited.proof
    words = {"type": "TextQuoteSelector", "exact": cited.quote}
    if proof is not None and proof.prefix is not None and proof.suffix is not None:
        words |= {"prefix": proof.prefix, "suffix": proof.suffix}
    selectors: list[dict[str, Any]] = [
        {"type": "TextPositionSelector", "start": cited.start, "end": cited.end}, words,
    ]  # fmt: skip
    if proof is not None and proof.bytes is not None:
        selectors.append({"type": "DataPositionSelector", "start": proof.bytes.start, "end": proof.bytes.end})
    if cited.page is not None and suffix == ".pdf":
        selectors.append({"type": "FragmentSelector", "conformsTo": PDF_FRAGMENT, "value": f"page={cited.page}"})
    if has_page(cited.document):
        selectors.append({"type": "FragmentSelector", "conformsTo": TEXT_FRAGMENT, "value": text_fragment(cited)})
    target: dict[str, Any] = {"type": "SpecificResource", "source": source, "selector": selectors}
    if proof is not None and proof.extraction is not None:
        target["renderedVia"] = {"type": "Software", "name": ", ".join(proof.extraction.programs)}
    return target


def _name(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, json.dumps(parts))}"
