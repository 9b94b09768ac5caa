"""Proofs checked against files, with neither a model nor an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..text import Span
from .corpus import Files
from .finding import again, difference, nearest, stands_alone
from .flat import flatten
from .given import Claim, Named, Unsupported, claims
from .naming import stands_somewhere
from .verdict import FileState, State, Verdict
from .whole import Whole, why_not_whole
from .wording import where

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from .addressing import Text
    from .flat import Flat
    from .record import Proof

_ROOM = 8
_SIDES = 0.005  # of a page: boxes that differ by less stand in the same place


class Texts(Protocol):
    """The texts that a quote is looked for in; `Files` are those of a corpus."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all, in order."""

    def has(self, name: str) -> bool:
        """Whether there is one of that name."""

    def sha256(self, name: str) -> str:
        """Hash of its file's bytes; empty where that is not known."""

    def with_hash(self, sha256: str) -> Iterator[str]:
        """Names of those whose files have these bytes."""

    def document(self, name: str) -> Text | None:
        """What it holds; `None` where that cannot be read."""

    def problem(self, name: str) -> str:
        """Why it cannot be read."""

    def flat(self, name: str) -> Flat:
        """Its words."""

    def proof(self, name: str, start: int, end: int, at: int | None = None) -> Proof:
        """The proof of characters of it as it is now."""


def verify(answers: object, corpus: str | os.PathLike[str] | Mapping[str, bytes]) -> list[Verdict]:
    """Check every quote of some answers against the files that it was taken from, and each answer against its quotes.

    Args:
        answers: an answer, a citation or a proof, or a list of such; objects of this package or what their `to_dict`
            gave; or W3C Web Annotations as `exports` write them.
        corpus: a folder of texts, one file, a list of folders (`folders.json`), or bytes by the names of documents.

    Returns:
        One verdict a quote, in the order in which they are given; none where nothing is quoted. Behind those of an
        answer, one for each thing that it says and may not (`State.UNSUPPORTED`): a line that its quotes do not say, a
        note or a refusal that is none of this package's sentences, a heading that does not stand in the text.

    Raises:
        ProofError: what is given has another form.
        CorpusNotFoundError, CorpusError: there is no such corpus, or it cannot be read.

    """
    given = claims(answers)
    with Files(corpus) as files:
        return [told for claim in given if (told := _verdict(claim, files)) is not None]


def _verdict(claim: Claim | Unsupported | Named | Whole, files: Files) -> Verdict | None:
    """What is to be said of a claim; `None` of one that holds and is no quote."""
    if isinstance(claim, Claim):
        return check(claim.proof, files, claim.answer, claim.citation)
    if isinstance(claim, Whole):
        why = why_not_whole(claim, files)
        if not why:
            return None
        claim = Unsupported(claim.note, claim.answer, why)
    if isinstance(claim, Named):
        if stands_somewhere(claim, files):
            return None
        claim = Unsupported(claim.words, claim.answer, f"and nothing like it stands in {claim.document or 'the texts'}")
    text = f"Unsupported: the answer says “{claim.said}”, {claim.why}."
    return Verdict(State.UNSUPPORTED, None, None, None, None, 0.0, (), text, claim.answer, 0, claim.said)


def check(proof: Proof, files: Texts, answer: int = 1, citation: int = 1) -> Verdict:
    """What has become of one quote in some files."""
    file = _file(proof, files)
    place = _Search(proof, files).place(file)
    if place is None:
        said = f"Gone: {_gone(file, proof, files)}."
        return Verdict(State.GONE, file, proof, None, None, 0.0, (), said, answer, citation)
    state, name, span, alike = place
    at = None if proof.at is None else proof.at - proof.start + span.start
    found = files.proof(name, *span, at)
    around = _same_around(proof, found)
    parts = difference(proof.quote, found.quote) if state is State.CHANGED else ()
    said = _said(state, file, found, around=around)
    return Verdict(state, file, proof, found, around, alike, parts, said, answer, citation)


def _file(proof: Proof, files: Texts) -> FileState:
    there = files.has(proof.document)
    if there and proof.sha256 is None:
        return FileState.UNKNOWN if files.document(proof.document) else FileState.UNREAD
    if there and files.sha256(proof.document) == proof.sha256:
        return FileState.SAME if files.document(proof.document) else FileState.UNREAD
    if proof.sha256 is not None and next(files.with_hash(proof.sha256), None) is not None:
        return FileState.RENAMED
    if not there:
        return FileState.MISSING
    return FileState.CHANGED if files.document(proof.document) else FileState.UNREAD


class _Search:
    """One quote looked for in some files, the likeliest first."""

    def __init__(self, proof: Proof, files: Texts) -> None:
        self._proof, self._files = proof, files

    def place(self, file: FileState) -> tuple[State, str, Span, float] | None:
        """What has become of it, in which document, at which characters, and how like it is what stands there."""
        proof, files = self._proof, self._files
        named = [proof.document] if files.has(proof.document) else []
        found = self._again(named)
        if found is None and proof.sha256 is not None and file is FileState.RENAMED:
            found = self._again([name for name in files.with_hash(proof.sha256) if name not in named])
        if found is None and not named:
            # Only where no file has its name: a quote that another file holds too is not thereby moved.
            found = self._again(list(files.names), elsewhere=True)
        return found or self._nearest(named or list(files.names), anywhere=bool(named))

    def _again(self, names: list[str], *, elsewhere: bool = False) -> tuple[State, str, Span, float] | None:
        proof, files = self._proof, self._files
        for name in names:
            document = files.document(name)
            if document is None:
                continue
            if self._stands(name):
                return State.INTACT, name, Span(proof.start, proof.end), 1.0
            span = again(files.flat(name), document.text, proof, elsewhere=elsewhere)
            if span is not None:
                return State.MOVED, name, span, 1.0
        return None

    def _stands(self, name: str) -> bool:
        """Whether the quote is at its address in a document: all that is stated of it must be so."""
        proof, document = self._proof, self._files.document(name)
        if name != proof.document or document is None or document.text[proof.start : proof.end] != proof.quote:
            return False
        if not stands_alone(document.text, proof.start, proof.end, proof):
            return False
        now = self._files.proof(name, proof.start, proof.end, proof.at)
        stated = ((getattr(proof, one), getattr(now, one)) for one in ("bytes", "line", "column", "page", "place"))
        return all(said is None or said == there for said, there in stated) and _same_boxes(proof, now)

    def _nearest(self, names: list[str], *, anywhere: bool) -> tuple[State, str, Span, float] | None:
        best: tuple[State, str, Span, float] | None = None
        for name in names:
            flat = self._files.flat(name) if self._files.document(name) else None
            near = nearest(flat, self._proof, anywhere=anywhere) if flat is not None else None
            if near is not None and (best is None or near.alike > best[3]):
                best = State.CHANGED, name, near.span, near.alike
        return best


def _same_boxes(proof: Proof, now: Proof) -> bool:
    if not proof.boxes:
        return True
    pairs = zip(proof.boxes, now.boxes, strict=False)
    near = (a.page == b.page and max(abs(x - y) for x, y in zip(a[1:], b[1:], strict=True)) < _SIDES for a, b in pairs)
    return len(proof.boxes) == len(now.boxes) and all(near)


def _same_around(proof: Proof, found: Proof) -> bool:
    """Whether the characters before and behind are the same, but for white space and how many of them are known."""
    before, behind = (proof.prefix, found.prefix), (proof.suffix, found.suffix)
    return _meet(*before, -1) and _meet(*behind, 1)


def _meet(said: str | None, there: str | None, step: int) -> bool:
    """Whether two texts are the same from the quote on.

    The text may have begun or ended there, and line breaks of two characters leave less room for words.
    """
    if said is None:
        return True
    one, other = flatten(said)[::step], flatten(there or "")[::step]
    common = min(len(one), len(other))
    return one[:common] == other[:common] and len(other) >= len(one) - _ROOM and (bool(one) or not other)


def _gone(file: FileState, proof: Proof, files: Texts) -> str:
    if file is FileState.UNREAD:
        return f"{proof.document} cannot be read: {files.problem(proof.document)}"
    if file is FileState.MISSING:
        return f"there is no file {proof.document}, and no other holds these words"
    if flatten(proof.quote) in files.flat(proof.document).text:
        return f"{proof.document} holds these words only in other places"
    return f"{proof.document} holds neither these words nor any that are near them"


def _said(state: State, file: FileState, found: Proof, *, around: bool) -> str:
    place = where(found.place, found.page, found.line)
    address = f"{found.document}, {place}, characters {found.start}–{found.end}"  # noqa: RUF001
    if state is State.INTACT:
        rest = "" if file is FileState.SAME else "; other parts of the file have changed"
        rest = "; what bytes the file had is not stated" if file is FileState.UNKNOWN else rest
        return f"Intact: {address}{rest}."
    if state is State.MOVED:
        why = {
            FileState.SAME: "; the file is the same, but it is read otherwise than before",
            FileState.RENAMED: "; the file has another name now",
        }.get(file, "")
        return f"Moved: now at {address}{why}{'' if around else '; what stands around it is not the same'}."
    return f"Changed: the nearest words stand at {address}."
