"""The panels beside the chat and on the other tabs as HTML: source, documents, build report, facts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from .. import __version__
from ..answering.outcome import Answer, NoAnswer
from .markup import Mark, esc, number, plural
from .source_view import document_html, source_panel_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..index import BuildReport, GenerationInfo, Index
    from .turns import Turn


def source_panel(index: Index, turns: Sequence[Turn], pick: str) -> str:
    """The document that a citation stands in, opened at its quote.

    Args:
        index: the one in use.
        turns: the conversation.
        pick: `TURN:NUMBER` of a citation, `TURN:nearNUMBER` of a passage of a refusal, or `doc:NAME`.

    """
    turn, place = _picked(turns, pick)
    if pick.startswith("doc:") and pick[4:] in index.sources:
        return document_html(index.sources[pick[4:]])
    if turn is None:
        return source_panel_empty()
    marks = _marks(pick.partition(":")[0], turn)
    name, sha256, mark = marks.get(place, next(iter(marks.values()), ("", "", None)))
    source = index.sources.get(name)
    if source is None or mark is None:
        return source_panel_empty() if not name else _gone(name)
    if sha256 and source.sha256 != sha256:
        return _gone(name)
    others = [m for document, _, m in marks.values() if document == name and m is not mark]
    shown = [mark, *others, *_answer_words(turn, name), *_other_hits(turn, name)]
    title = "Marked: the quotes of the answer" if isinstance(turn.result, Answer) else "Marked: the nearest passages"
    return f"<div class='pq-source' data-current='{esc(mark.anchor)}'>{document_html(source, shown, title=title)}</div>"


def _picked(turns: Sequence[Turn], pick: str) -> tuple[Turn | None, str]:
    turn, _, place = pick.partition(":")
    if turn.isascii() and turn.isdigit() and len(turn) < 6 and int(turn) < len(turns):
        return turns[int(turn)], place
    return None, ""


def _marks(turn_number: str, turn: Turn) -> dict[str, tuple[str, str, Mark]]:
    """By its place (`1`, `near2`): document, its hash where known, and the mark."""
    if isinstance(turn.result, NoAnswer):
        return {
            f"near{n}": (hit.passage.document, "", Mark(hit.passage.start, hit.passage.end, "quote",
                         f"cite-{turn_number}-near{n}"))
            for n, hit in enumerate(turn.result.nearest, 1)
        }  # fmt: skip
    cited = turn.result.citations if turn.result is not None else ()
    return {
        str(n): (c.document, c.sha256, Mark(c.start, c.end, "quote", f"cite-{turn_number}-{n}"))
        for n, c in enumerate(cited, 1)
    }


def _answer_words(turn: Turn, name: str) -> list[Mark]:
    cited = turn.result.citations if turn.result is not None else ()
    return [Mark(start, end, "answer") for c in cited if c.document == name for start, end in c.highlights]


def _other_hits(turn: Turn, name: str) -> list[Mark]:
    if not isinstance(turn.result, Answer):
        return []
    cited = [(c.document, c.start) for c in turn.result.citations]
    others = [
        hit.passage for hit in turn.hits[:4]
        if not any(d == hit.passage.document and hit.passage.start <= s < hit.passage.end for d, s in cited)
    ]  # fmt: skip
    return [Mark(passage.start, passage.end, "near") for passage in others if passage.document == name]


def _gone(name: str) -> str:
    return (
        f"<div class='pq-empty'><p><strong><bdi>{esc(name)}</bdi> has changed since this answer</strong></p>"
        "<p>Its quotes stand in the answer as they were. Ask again to see where they stand now.</p></div>"
    )


def documents_panel(index: Index, outdated: Mapping[str, Sequence[str]]) -> str:
    """What is indexed, one row a document."""
    manifest = index.generation.manifest
    rows = "".join(
        f"<tr><th scope='row'><bdi>{esc(entry.name)}</bdi></th><td>{number(entry.sections)}</td>"
        f"<td>{number(entry.passages)}</td><td>{number(entry.characters)}</td></tr>"
        for entry in manifest.sources
    )
    total = sum(entry.characters for entry in manifest.sources)
    return (
        f"<section class='pq-panel'><h2>What is indexed</h2>"
        f"<p class='pq-hint'>{plural(len(manifest.sources), 'document')} · {plural(manifest.passages, 'passage')} · "
        f"{plural(total, 'character')}</p>{_outdated(outdated)}"
        f"<div class='pq-table pq-wide' tabindex='0' role='region' aria-label='Documents'><table><thead><tr>"
        f"<th scope='col'>Document</th><th scope='col'>Sections</th><th scope='col'>Passages</th>"
        f"<th scope='col'>Characters</th></tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _when(generation: str) -> str:
    """The moment that a generation was built at, as its name says it."""
    ticks = generation.split("-")[1]
    if not ticks.isdecimal() or len(ticks) > 20:
        return ""
    return datetime.fromtimestamp(int(ticks) / 1e9, timezone.utc).strftime("%d %b %Y, %H:%M UTC")


def generations_panel(generations: Sequence[GenerationInfo]) -> str:
    """The generations that the index keeps, the current one first."""
    rows = "".join(
        f"<tr><th scope='row'>{'in use' if one.current else 'before'}</th>"
        f"<td title='{esc(one.name)}'>{esc(_when(one.name))}</td>"
        f"<td>{number(one.documents)}</td><td>{number(one.passages)}</td><td>{esc(one.damage) or 'whole'}</td></tr>"
        for one in generations
    )
    return (
        "<section class='pq-panel'><h2>Generations</h2><p class='pq-hint'>Each build makes a new one; the one before "
        "is kept, and can be gone back to.</p>"
        "<div class='pq-table' tabindex='0' role='region' aria-label='Generations'><table><thead><tr>"
        "<th scope='col'>State</th><th scope='col'>Built</th><th scope='col'>Documents</th>"
        f"<th scope='col'>Passages</th><th scope='col'>Manifest</th></tr></thead><tbody>{rows}</tbody></table></div>"
        "</section>"
    )


def _outdated(changes: Mapping[str, Sequence[str]]) -> str:
    if not changes:
        return ""
    words = "; ".join(
        f"{kind}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}" for kind, names in changes.items()
    )
    return f"<p class='pq-notice'>The folder has changed since it was indexed ({esc(words)}). Read it again below.</p>"


def report_panel(report: BuildReport, refused: Sequence[tuple[str, str]] = ()) -> str:
    """What a build did."""
    kinds = {
        "Added": report.added, "Changed": report.changed, "Removed": report.removed, "Unchanged": report.unchanged,
    }  # fmt: skip
    lines = "".join(
        f"<dt>{kind}</dt><dd>{', '.join(f'<bdi>{esc(name)}</bdi>' for name in names)}</dd>"
        for kind, names in kinds.items() if names
    )  # fmt: skip
    left = [*refused, *((skipped.name, skipped.reason) for skipped in report.skipped)]
    skipped = _named("Left out", left) + _named("How they were read", report.notes)
    seconds = sum(report.seconds.values())
    return (
        f"<section class='pq-card pq-report' role='status'><p class='pq-title'>The index is ready</p>"
        f"<p>{plural(report.passages, 'passage')}, {number(report.embedded)} of them new, in {seconds:.1f} s. "
        f"The chat answers from it now.</p><dl>{lines}</dl>{skipped}</section>"
    )


def _named(title: str, entries: Sequence[tuple[str, str]]) -> str:
    """Names with what is to be said of each, under a title; nothing where there are none."""
    lines = "".join(f"<li><bdi>{esc(name)}</bdi>: {esc(words)}</li>" for name, words in entries)
    return f"<h3>{esc(title)}</h3><ul class='pq-tips'>{lines}</ul>" if lines else ""


def notice_panel(title: str, message: str, detail: str) -> str:
    """Something that was done, in a sentence."""
    return (
        f"<section class='pq-card pq-report' role='status'><p class='pq-title'>{esc(title)}</p>"
        f"<p>{esc(message)}</p><p class='pq-hint'>{esc(detail)}</p></section>"
    )


def problem_panel(message: str, refused: Sequence[tuple[str, str]] = ()) -> str:
    """Why nothing was built."""
    return (
        f"<section class='pq-card pq-error' role='alert'><p class='pq-title'>Nothing was changed</p>"
        f"<p>{esc(message)}</p>{_named('Left out', refused)}</section>"
    )


def head_panel(index: Index) -> str:
    """The head of the page: its name, and what is loaded."""
    counts = f"{plural(len(index.sources), 'document')} · {plural(len(index.passages), 'passage')}"
    return (
        "<div class='pq-head'><div class='pq-brand'><h1>Partnership Q&amp;A</h1>"
        "<p>Answers in a text&rsquo;s own words, each with its place.</p></div>"
        f"<p class='pq-status'>{counts}</p></div>"
    )


def about_panel(index: Index) -> str:
    """What this is, and what it answers from."""
    manifest = index.generation.manifest
    facts = {
        "Version": __version__, "Encoder": manifest.encoder, "Dimension": manifest.dimension,
        "Generation": index.generation.name, "Manifest": manifest.digest[:16], "Passages cut short": manifest.truncated,
    }  # fmt: skip
    rows = "".join(f"<dt>{esc(name)}</dt><dd>{esc(value)}</dd>" for name, value in facts.items())
    return (
        "<section class='pq-panel pq-about'><h2>How it answers</h2>"
        "<p>A question is compared with every passage of the texts, by meaning and by words. The passages that fit "
        "best are read, and the words that answer are quoted as they stand, with their file, line and headings. "
        "Each quote is compared with its source before it is shown.</p>"
        "<p>Where the texts do not hold the answer, or it is too doubtful, the question is declined. Nothing is ever "
        "made up: no language model writes here, and no request leaves this machine.</p>"
        f"<h2>What is loaded</h2><dl>{rows}</dl>"
        "<h2>For programs</h2><p>The named endpoints <code>/ask</code>, <code>/search</code>, <code>/rebuild</code> "
        "and <code>/index</code> answer over HTTP and through <code>gradio_client</code>; "
        "<a href='gradio_api/openapi.json'>their schema</a> is served here.</p></section>"
    )
