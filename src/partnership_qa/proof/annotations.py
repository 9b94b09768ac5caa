"""W3C Web Annotations (Recommendation of 23 February 2017) of quotes, to proofs; `exports` writes them.

A quote is the target: its source by name, and selectors that all mean the same characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from ..errors import ProofError
from .record import Proof

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
# The one term that the standard's context lacks.
TERMS = {"sha256": "https://schema.org/sha256"}
PDF_FRAGMENT = "http://tools.ietf.org/rfc/rfc3778"
TEXT_FRAGMENT = "https://wicg.github.io/scroll-to-text-fragment/"
_WEB = re.compile(r"https?://", re.IGNORECASE)
_PAGE = re.compile(r"(?:^|&)page=(\d{1,9})(?:&|$)")


def is_web_address(name: str) -> bool:
    """Whether the name of a document is its address in the web."""
    return _WEB.match(name) is not None


def iri_of(name: str) -> str:
    """The name of a document as an IRI, relative to the corpus unless it is an address in the web."""
    return quote(name, safe="%/:?#[]@!$&'()*+,;=~") if is_web_address(name) else quote(name, safe="/~")


def name_of(iri: str) -> str:
    """The name that `iri_of` was given."""
    return iri if is_web_address(iri) else unquote(iri)


def annotations_in(values: Mapping[str, Any]) -> list[Any] | None:
    """The annotations of a collection or a page of them; `None` where it is neither.

    Raises:
        ProofError: it holds no list of them.

    """
    kind = values.get("type")
    if kind == "AnnotationCollection":
        first = values.get("first")
        if not isinstance(first, Mapping):
            raise ProofError("first", "is not in the file; a collection must hold its first page")
        values = first
    elif kind != "AnnotationPage":
        return None
    items = values.get("items")
    if not isinstance(items, list) or not all(isinstance(one, Mapping) for one in items):
        raise ProofError("items", "is no list of annotations")
    return items


def proof_of_annotation(values: Mapping[str, Any]) -> Proof:
    """The proof of an annotation's target.

    Raises:
        ProofError: it has no source, or no selectors that say which characters are meant.

    """
    target = values.get("target")
    if isinstance(target, list):
        target = target[0] if len(target) == 1 else None
    if not isinstance(target, Mapping):
        raise ProofError("target", "is not one object with a source and selectors")
    source = target.get("source")
    source = {"id": source} if isinstance(source, str) else source
    if not isinstance(source, Mapping) or not isinstance(source.get("id"), str):
        raise ProofError("source", "has no name")
    selectors = target.get("selector")
    selectors = [selectors] if isinstance(selectors, Mapping) else selectors
    if not isinstance(selectors, list) or not all(isinstance(one, Mapping) for one in selectors):
        raise ProofError("selector", "is no list of selectors")
    by_type = {one.get("type"): one for one in selectors}
    words, place = by_type.get("TextQuoteSelector"), by_type.get("TextPositionSelector")
    if words is None or place is None:
        raise ProofError("selector", "has no TextQuoteSelector with a TextPositionSelector")
    octets = by_type.get("DataPositionSelector")
    return Proof.from_dict({
        "document": name_of(source["id"]), "sha256": source.get("sha256"), "quote": words.get("exact"),
        "prefix": words.get("prefix"), "suffix": words.get("suffix"), "start": place.get("start"),
        "end": place.get("end"), "page": _page(selectors),
        "bytes": None if octets is None else [octets.get("start"), octets.get("end")],
    })  # fmt: skip


def _page(selectors: list[Any]) -> int | None:
    for one in selectors:
        value = one.get("value")
        if one.get("conformsTo") == PDF_FRAGMENT and isinstance(value, str) and (found := _PAGE.search(value)):
            return int(found[1])
    return None
