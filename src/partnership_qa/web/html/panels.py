"""The panels beside the chat and on the other tabs: source, documents, build report, facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from ... import __version__
from ...answering.outcome import Answer, NoAnswer
from ...answering.quoted import quoted
from ...index import keeps_original, when
from ...sources import SUFFIXES
from ...text import plain
from ..intake import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES
from ..page_images import address_of, can_be_drawn
from .marks import Mark
from .rendering import render
from .source_view import WINDOW, document_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...index import BuildReport, GenerationInfo, Source, Store
    from ..turns import Turn


_BAR = re.compile(r"\s*\|\s*")  # between the cells of a row
# Of many documents so many are named before the first answer; all are under Documents.
_FIRST_NAMED = 100
# Of so many it is said what they are about: a passage of each is read for it, in Milvus from another machine.
_FIRST_ABOUT = 40


class _Pictures(TypedDict):
    pictures: str
    gone: bool


class _Listed(NamedTuple):
    """A document before the first answer: its name, what it is about, and its number of passages."""

    name: str
    about: str
    passages: int


class _Place(NamedTuple):
    """What a link of a card points at: document, its hash where it is known, and the mark."""

    document: str
    sha256: str
    mark: Mark


def source_panel(index: Store, turns: Sequence[Turn], pick: str) -> str:
    """The document that a citation stands in, opened at its quote.

    Args:
        index: the one in use.
        turns: the conversation.
        pick: `TURN:NUMBER` of a citation, `TURN:candNUMBER` of a candidate, `TURN:nearNUMBER` of a passage of a
            refusal, or `doc:NAME`.

    """
    turn, key = _picked(turns, pick)
    if pick.startswith("doc:") and pick[4:] in index.sources:
        whole = index.sources[pick[4:]]
        return document_html(whole, **_pictures(index, whole))
    if turn is None:
        return first_panel(index)
    places = _places(pick.partition(":")[0], turn)
    place = places.get(key, next(iter(places.values()), None))
    if place is None:
        return first_panel(index)
    source = index.sources.get(place.document)
    if source is None or (place.sha256 and source.sha256 != place.sha256):
        return render("gone.html", name=place.document)
    others = [other.mark for other in places.values() if other.document == source.name and other is not place]
    shown = [place.mark, *others, *_words(turn, source.name), *_other_hits(turn, source.name)]
    return document_html(source, shown, title=_title(turn), current=place.mark.anchor, **_pictures(index, source))


def first_panel(index: Store) -> str:
    """What stands beside a conversation without an answer: the one document to read, or all by their names.

    A long one is named too: to take it apart would hold up the start of the page.
    """
    sources = index.generation.manifest.sources
    if len(sources) == 1 and sources[0].characters <= WINDOW:
        only = index.sources[sources[0].name]
        title = "Press the number of a quote, and this text is shown at the quote."
        return document_html(only, title=title, **_pictures(index, only))
    return render("empty.html", shown=_listed(index), more=max(0, len(sources) - _FIRST_NAMED))


def _listed(index: Store) -> list[_Listed]:
    """The first documents, each with its title, or where it has none with its first words."""
    listed, at = [], 0
    for number, entry in enumerate(index.generation.manifest.sources[:_FIRST_NAMED]):
        about = ""
        if number < _FIRST_ABOUT and entry.passages:
            first = index.passages[at]
            about = plain(first.section[0] if first.section else _BAR.sub(", ", first.text), entry.name)
        listed.append(_Listed(entry.name, about, entry.passages))
        at += entry.passages
    return listed


def _pictures(index: Store, source: Source) -> _Pictures:
    """Where the pictures of a document's pages are, if it has pages that can be drawn."""
    if not source.pages or not can_be_drawn(source.name):
        return {"pictures": "", "gone": False}
    kept = keeps_original(index, source)
    return {"pictures": address_of(index, source) if kept else "", "gone": not kept}


def _picked(turns: Sequence[Turn], pick: str) -> tuple[Turn | None, str]:
    turn, _, key = pick.partition(":")
    if turn.isascii() and turn.isdigit() and len(turn) < 6 and int(turn) < len(turns):
        return turns[int(turn)], key
    return None, ""


def _places(turn_number: str, turn: Turn) -> dict[str, _Place]:
    """What the links of a turn's card point at, by their key: `1`, `cand1`, `near2`."""
    result = turn.result
    if isinstance(result, NoAnswer) and not result.candidates:
        return {
            f"near{n}": _Place(hit.passage.document, "", Mark(hit.passage.start, hit.passage.end, "quote",
                               f"cite-{turn_number}-near{n}"))
            for n, hit in enumerate(result.nearest, 1)
        }  # fmt: skip
    if isinstance(result, NoAnswer):
        cited = {f"cand{n}": citation for n, citation in enumerate(result.candidates, 1)}
    else:
        cited = {str(n): citation for n, citation in quoted(result).all.items()} if result is not None else {}
    return {
        key: _Place(c.document, c.sha256, Mark(c.start, c.end, "quote", f"cite-{turn_number}-{key}"))
        for key, c in cited.items()
    }


def _words(turn: Turn, name: str) -> list[Mark]:
    """The words of an answer, or of its candidates, in one document."""
    if isinstance(turn.result, NoAnswer):
        kind, cited = "candidate", turn.result.candidates
    else:
        kind, cited = "answer", turn.result.citations if turn.result is not None else ()
    return [Mark(start, end, kind) for c in cited if c.document == name for start, end in c.highlights]


def _other_hits(turn: Turn, name: str) -> list[Mark]:
    if not isinstance(turn.result, Answer):
        return []
    cited = [(c.document, c.start) for c in turn.result.citations]
    others = [
        hit.passage for hit in turn.hits[:4]
        if not any(d == hit.passage.document and hit.passage.start <= s < hit.passage.end for d, s in cited)
    ]  # fmt: skip
    return [Mark(passage.start, passage.end, "near") for passage in others if passage.document == name]


def _title(turn: Turn) -> str:
    if isinstance(turn.result, Answer):
        return "Marked: the quotes of the answer"
    candidates = turn.result is not None and turn.result.candidates
    return "Marked: places that may hold the answer" if candidates else "Marked: the nearest passages"


def documents_panel(index: Store, outdated: Mapping[str, Sequence[str]]) -> str:
    """What is indexed, one row a document."""
    manifest = index.generation.manifest
    characters = sum(entry.characters for entry in manifest.sources)
    return render("documents.html", manifest=manifest, characters=characters, outdated=outdated)


def generations_panel(generations: Sequence[GenerationInfo]) -> str:
    """The generations that the index keeps, the current one first."""
    return render("generations.html", generations=[(one, one.when) for one in generations])


def report_panel(report: BuildReport, refused: Sequence[tuple[str, str]] = ()) -> str:
    """What a build did."""
    kinds = {
        "Added": report.added, "Changed": report.changed, "Removed": report.removed, "Unchanged": report.unchanged,
    }  # fmt: skip
    left = [*refused, *((skipped.name, skipped.reason) for skipped in report.skipped)]
    return render("report.html", report=report, kinds=kinds, left=left, seconds=sum(report.seconds.values()))


def notice_panel(title: str, message: str, detail: str) -> str:
    """Something that was done, in a sentence."""
    return render("notice.html", title=title, message=message, detail=detail)


def replace_question(names: Sequence[str]) -> str:
    """Whether documents are to be replaced, asked before it is done."""
    return render("replace.html", names=names)


def problem_panel(message: str, refused: Sequence[tuple[str, str]] = ()) -> str:
    """Why nothing was built."""
    return render("problem.html", message=message, refused=refused)


def head_panel(index: Store) -> str:
    """The head of the page: its name, and what is loaded."""
    return render("head.html", index=index)


def about_panel(index: Store) -> str:
    """What this is, and what it answers from."""
    manifest = index.generation.manifest
    facts = {
        "Program": __version__, "Texts as of": when(index.generation.name) or index.generation.name,
        "Documents": len(manifest.sources), "Passages": manifest.passages,
        "Passages cut short": manifest.truncated, "Compares meanings with": manifest.encoder,
        "Fingerprint of the index": manifest.digest[:16],
    }  # fmt: skip
    return render("about.html", facts=facts)


def help_panel(folder: str) -> str:
    """How texts are added; they are kept in `folder` of the index."""
    return render(
        "help.html", suffixes=", ".join(SUFFIXES), texts=folder, max_files=MAX_FILES,
        max_file=MAX_FILE_BYTES // 2**20, max_total=MAX_TOTAL_BYTES // 2**20,
    )  # fmt: skip


def bench_head() -> str:
    """What stands above the search bench."""
    return render("bench.html")


def editing_line() -> str:
    """What stands above the question's box while a question is edited."""
    return render("editing.html")


def welcome() -> str:
    """What stands in the chat before the first question."""
    return render("welcome.html")
