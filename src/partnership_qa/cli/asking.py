"""`partnership-qa ask` and `search`: one question, one answer on the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import QuestionError
from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, Progress, ReaderOption, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..answering.citing import Citation
    from ..answering.outcome import Answer, NoAnswer
    from ..qa import QA

WithinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--within",
        metavar="DOCUMENT",
        help="Look only in this document or folder, or in those that fit a pattern such as 'contracts/*.pdf'; "
        "may be given several times.",
    ),
]


def _load(index: Path | None, collection: str | None, home: Path | None, reader: Path | None = None) -> QA:
    from ..home import load, stale
    from ..reading import FolderReader

    read_by = FolderReader(reader) if reader else None
    qa = load(index, collection=collection, home=home, reader=read_by, progress=Progress())
    if note := stale(qa.index):
        typer.echo(plain(f"note: {note}"), err=True)
    return qa


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    within: WithinOption = None,
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Decline below this confidence; the default is calibrated.")
    ] = None,
    reader: ReaderOption = None,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="What was said before: a JSON list, oldest first, of messages such as "
            '{"role": "user", "content": "..."}, the replies with "assistant"; - reads it from standard input.',
        ),
    ] = None,
) -> None:
    """Answer a question with quotes, or say that the text does not hold the answer."""
    before = [] if history is None else _history(history)
    qa = _load(index, collection, home, reader)
    result = qa.answer(question, history=before, no_answer_threshold=threshold, documents=within or ())
    typer.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=1) if as_json else plain(_shown(result)))
    raise typer.Exit(0 if result.answered else 1)


def _history(file: str) -> Sequence[Mapping[str, object]]:
    from ..question.history import checked_history

    what = "The history on standard input" if file == "-" else f"The history in {file}"
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        return checked_history(json.loads(data.decode("utf-8")), what)
    except OSError as error:
        raise QuestionError(
            f"{what} cannot be read ({error.strerror}): give a file, or - for standard input."
        ) from None
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"{what} is no JSON ({error}): give a list of messages.") from None


def _shown(result: Answer | NoAnswer) -> str:
    from ..answering.outcome import Answer

    if isinstance(result, Answer):
        note = f" ({result.note})" if result.note else ""
        head, cited = f"confidence {result.confidence:.2f}{note}\n", result.citations
    else:
        closest = "\n\nThe closest passages (no answer is claimed):" if result.candidates else ""
        head, cited = f"confidence {result.confidence:.2f}{closest}", result.candidates
    quotes = [f"[{number}] {_address(citation)}\n    {' '.join(citation.quote.split())}" for number, citation in
              enumerate(cited, 1)]  # fmt: skip
    return "\n".join([result.text, head, *quotes])


def _address(citation: Citation) -> str:
    line = f"{citation.document}:{citation.line}" + (f" p. {citation.page}" if citation.page else "")
    place = f"{citation.document}, {citation.place}" if citation.place else line
    return " > ".join([place, *citation.section])


def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    within: WithinOption = None,
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that match best, with their scores."""
    hits = _load(index, collection, home).search(query, k=k, documents=within or ())
    if as_json:
        typer.echo(json.dumps([hit.to_dict() for hit in hits], ensure_ascii=False, indent=1))
        return
    for number, hit in enumerate(hits, 1):
        lexical = "-" if hit.lexical is None else f"{hit.lexical:.2f}"
        place = " > ".join([f"{hit.passage.document}:{hit.passage.line}", *hit.passage.section])
        scores = f"score {hit.score:.3f}, similarity {hit.similarity:.3f}, bm25 {lexical}"
        typer.echo(plain(f"{number}. {place}\n   {scores}\n   {' '.join(hit.passage.text.split())[:300]}"))
