"""`partnership-qa ask` and `search`: questions and their answers on the terminal, or in a form for another program."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ConversationError, QuestionError
from .showing import outcome_text, stability_text, why_text, why_values
from .terminal import (
    CollectionOption,
    HomeOption,
    IndexOption,
    JsonOption,
    Progress,
    ReaderOption,
    SignersOption,
    plain,
)
from .threshold import ThresholdOption, threshold_of, with_threshold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..answering.outcome import Answer, NoAnswer
    from ..qa import QA
    from ..trace import Trace

WithinOption = Annotated[
    list[str] | None,
    typer.Option(
        "--within",
        metavar="DOCUMENT",
        help="Look only in this document or folder, or in those that fit a pattern such as 'contracts/*.pdf'; "
        "may be given several times.",
    ),
]
KOption = Annotated[
    int | None, typer.Option("--k", min=1, max=100, help="How many passages to read; the default is 4.")
]
SessionOption = Annotated[
    str | None,
    typer.Option(
        "--session", metavar="NAME",
        help="A kept conversation as what was said before: its title, the beginning of its id, or “last”.",
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asking:
    """How every question of a call is asked.

    Attributes:
        qa: what is asked.
        history: what was said before.
        within: the documents to ask.
        threshold, k: as `QA.answer` takes them.

    """

    qa: QA
    history: Sequence[Mapping[str, object]] = ()
    within: tuple[str, ...] = ()
    threshold: float | None = None
    k: int | None = None

    @property
    def how(self) -> dict[str, Any]:
        """What `QA.answer` takes beside the question."""
        given = {"history": self.history, "no_answer_threshold": self.threshold, "documents": self.within}
        return given if self.k is None else given | {"k": self.k}

    def trace(self, question: str) -> Trace:
        """Ask one question."""
        return self.qa.trace(question, **self.how)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to a command line."""
    app.command("ask", epilog='Example: partnership-qa ask "And in 2023?" --session last --why')(ask)
    app.command("search", epilog='Example: partnership-qa search "antitrust" --k 3')(search)


def loaded(
    index: Path | None,
    collection: str | None,
    home: Path | None,
    reader: Path | None = None,
    signers: Path | None = None,
) -> QA:
    """The index that is meant, signed by one of the signers if there are any; that its texts have changed is said."""
    from ..home import load, stale

    read_by = None
    if reader:
        from ..reading import FolderReader

        read_by = FolderReader(reader)
    qa = load(index, collection=collection, home=home, reader=read_by, progress=Progress(), allowed_signers=signers)
    if note := stale(qa.index):
        typer.echo(plain(f"note: {note}"), err=True)
    return qa


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know; - reads questions, one a line.")],
    within: WithinOption = None,
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    format: Annotated[  # noqa: A002 - the name of the option
        str, typer.Option(metavar="FORMAT", help="text, or a form for other programs: markdown, json, csl, bibtex …")
    ] = "text",
    k: KOption = None,
    threshold: ThresholdOption = None,
    reader: ReaderOption = None,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="What was said before: a JSON list, oldest first, of messages such as "
            '{"role": "user", "content": "..."}, the replies with "assistant"; - reads it from standard input.',
        ),
    ] = None,
    session: SessionOption = None,
    why: Annotated[bool, typer.Option("--why", help="Show what the outcome rests on.")] = False,
    stability: Annotated[
        bool, typer.Option("--stability", help="Ask again with fewer words, and show how often the same comes back.")
    ] = False,
    allowed_signers: SignersOption = None,
) -> None:
    """Answer a question with quotes, or say that the text does not hold the answer.

    With - as the question each line of standard input is one, asked by itself; --json then prints an object a line.
    """
    _checked(question, format, as_json, history, session)
    least = threshold_of(threshold)
    before = [] if history is None else _history(history)
    qa, least = with_threshold(loaded(index, collection, home, reader, allowed_signers), least, allowed_signers)
    if session is not None:
        before = said_in(qa, session, home)
    asking = Asking(qa, before, tuple(within or ()), least, k)
    if question != "-":
        result = _told(asking, question, why, stability, format, as_json)
        raise typer.Exit(0 if result.answered else 1)
    raise typer.Exit(_ask_each(asking, why, stability, format, as_json))


def _checked(question: str, name: str, as_json: bool, history: str | None, session: str | None) -> None:
    """What cannot be asked for at once, before anything is loaded."""
    if name != "text":
        from ..exports import FORMATS

        if name not in FORMATS:
            raise QuestionError(f"No format is called {name!r}: give text, {', '.join(FORMATS)}.")
    if name != "text" and as_json:
        raise QuestionError("--json and --format are two forms of one output: give one of them.")
    if history is not None and session is not None:
        raise QuestionError("What was said before comes from --history or from --session: give one of them.")
    if question == history == "-":
        raise QuestionError("Standard input holds the questions or the history: give the history as a file.")


def _told(
    asking: Asking, question: str, why: bool, stable: bool, name: str, as_json: bool, *, gathered: bool = False
) -> Answer | NoAnswer:
    """Ask one question and print what came of it, in the form that is wanted.

    `gathered` says that it is one of several: JSON is one line, and an export is left to be made of all of them.
    """
    trace = asking.trace(question)
    result = trace.outcome
    more: dict[str, Any] = {}
    if why:
        more["why"] = why_values(trace, asking.qa)
    if stable:
        from ..evaluation.stability import stability

        steady = stability(asking.qa, question, **asking.how)
        more["stability"] = steady.to_dict()
    if as_json:
        from ..integrations.metadata import outcome_values

        values = outcome_values(trace, asking.qa.index) | more
        typer.echo(json.dumps(values, ensure_ascii=False, indent=None if gathered else 1))
        return result
    if name == "text":
        typer.echo(plain(outcome_text(result)))
    elif not gathered:
        typer.echo(_exported(asking, [(question, result)], name))
    beside = [why_text(more["why"], result)] if why else []
    beside += [stability_text(steady)] if stable else []
    if beside and gathered and name != "text":
        typer.echo(plain(f"# {question}"), err=True)
    for text in beside:
        # Another form has no place for these.
        typer.echo(plain("\n" + text), err=name != "text")
    return result


def _exported(asking: Asking, said: Sequence[tuple[str, Answer | NoAnswer]], name: str) -> str:
    from ..exports import Exchange, export

    generation = asking.qa.index.generation.name
    return export([Exchange(asked, result, asking.within, generation) for asked, result in said], name)


def _ask_each(asking: Asking, why: bool, stable: bool, name: str, as_json: bool) -> int:
    """Ask each line of standard input by itself; 2 where one could not be asked, else 1 where one was declined."""
    code, said = 0, []
    for question in _lines():
        try:
            as_text = name == "text" and not as_json
            if as_text:
                typer.echo(plain(f"# {question}"))
            result = _told(asking, question, why, stable, name, as_json, gathered=True)
            said.append((question, result))
            if as_text:
                typer.echo()
        except QuestionError as error:
            code = 2
            if as_json:
                typer.echo(json.dumps({"question": question, "error": str(error)}, ensure_ascii=False))
            else:
                typer.echo(plain(f"error: {error}"), err=True)
        else:
            code = max(code, 0 if result.answered else 1)
        sys.stdout.flush()
    if name != "text":
        typer.echo(_exported(asking, said, name))
    return code


def _lines() -> Iterator[str]:
    """The lines of standard input that hold something; bytes that are no UTF-8 are shown as `�`."""
    for line in sys.stdin.buffer:
        if text := line.decode("utf-8-sig", "replace").strip():
            yield text


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


def kept_turns(qa: QA, name: str, home: Path | None) -> tuple[str, list[Any]]:
    """Id and turns of the kept conversation about this index that is called so.

    Raises:
        ConversationError: there is none, there are several, or it cannot be read.

    """
    from ..library import Library
    from ..web.conversations import conversations_of
    from ..web.kept_turns import loaded as turn_of

    store = conversations_of(qa.index.root, Library(home) if home else None)
    kept = store.listed()
    fits = [one for one in kept if one.title == name] or [one for one in kept if one.id.startswith(name)]
    if name == "last":
        fits = list(kept[:1])
    if len(fits) != 1:
        known = "; ".join(f"{one.id[:8]} “{one.title}”" for one in (fits or kept)[:8])
        what = f"{len(fits)} kept conversations fit" if fits else "No kept conversation fits"
        there = f" There are: {known}." if known else " None is kept about this index."
        raise ConversationError(f"{what} “{name}”: give a title, the beginning of an id, or last.{there}")
    try:
        return fits[0].id, [turn_of(values) for values in store.turns(fits[0].id)]
    except (ValueError, KeyError, TypeError, IndexError):
        raise ConversationError(f"The conversation “{fits[0].title}” was kept in another form: ask anew.") from None


def said_in(qa: QA, name: str, home: Path | None) -> list[Mapping[str, object]]:
    """What was said in a kept conversation, as `QA.answer` takes it."""
    from ..web.turns import history

    return list(history(kept_turns(qa, name, home)[1]))


def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    within: WithinOption = None,
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 5,
    as_json: JsonOption = False,
    allowed_signers: SignersOption = None,
) -> None:
    """Show the passages that match best, with their scores."""
    qa = loaded(index, collection, home, signers=allowed_signers)
    hits = qa.search(query, k=k, documents=within or ())
    if as_json:
        from ..integrations.metadata import hit_values

        typer.echo(json.dumps([hit_values(hit, qa.index) for hit in hits], ensure_ascii=False, indent=1))
        return
    for number, hit in enumerate(hits, 1):
        lexical = "-" if hit.lexical is None else f"{hit.lexical:.2f}"
        place = " > ".join([f"{hit.passage.document}:{hit.passage.line}", *hit.passage.section])
        scores = f"score {hit.score:.3f}, similarity {hit.similarity:.3f}, bm25 {lexical}"
        typer.echo(plain(f"{number}. {place}\n   {scores}\n   {' '.join(hit.passage.text.split())[:300]}"))
