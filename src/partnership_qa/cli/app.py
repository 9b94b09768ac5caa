"""The command line: ask, search, build, watch, serve, evaluate, and `index`. A face of `QA`, without logic of its own.

Exit codes: 0 answered or done, 1 declined, 2 an error (what, where and what to do stand on standard error).
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import __version__
from ..errors import PartnershipQAError, QuestionError
from .index import app as index_app
from .terminal import IndexOption, JsonOption, Progress, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..answering.citing import Citation
    from ..answering.outcome import Answer, NoAnswer
    from ..index import BuildReport
    from ..qa import QA

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Questions answered in a text's own words, with the address of every word, or declined.",
    epilog="Exit codes: 0 answered or done, 1 declined, 2 error.",
)
app.add_typer(index_app, name="index")

ReaderOption = Annotated[
    Path | None, typer.Option("--reader", help="Folder of a Hugging Face question-answering model to read with.")
]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"partnership-qa {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


def _load(index: Path | None, reader: Path | None = None) -> QA:
    from ..home import load, stale
    from ..reading import FolderReader

    qa = load(index, reader=FolderReader(reader) if reader else None, progress=Progress())
    if note := stale(qa.index):
        typer.echo(f"note: {note}", err=True)
    return qa


@app.command(epilog='Example: partnership-qa ask "And in 2023?" --history said.json')
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    index: IndexOption = None,
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
    result = _load(index, reader).answer(question, history=before, no_answer_threshold=threshold)
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
    place = f"{citation.document}:{citation.line}" + (f" p. {citation.page}" if citation.page else "")
    return " > ".join([place, *citation.section])


@app.command(epilog='Example: partnership-qa search "antitrust" --k 3')
def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    index: IndexOption = None,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that match best, with their scores."""
    hits = _load(index).search(query, k=k)
    if as_json:
        typer.echo(json.dumps([hit.to_dict() for hit in hits], ensure_ascii=False, indent=1))
        return
    for number, hit in enumerate(hits, 1):
        lexical = "-" if hit.lexical is None else f"{hit.lexical:.2f}"
        place = " > ".join([f"{hit.passage.document}:{hit.passage.line}", *hit.passage.section])
        scores = f"score {hit.score:.3f}, similarity {hit.similarity:.3f}, bm25 {lexical}"
        typer.echo(plain(f"{number}. {place}\n   {scores}\n   {' '.join(hit.passage.text.split())[:300]}"))


@app.command(epilog="Example: partnership-qa build my_texts/ --index my_index/")
def build(
    corpus: Annotated[Path, typer.Argument(help="A folder of texts, or one file.")],
    index: Annotated[Path, typer.Option("--index", help="Folder to write.")] = Path("index"),
    as_json: JsonOption = False,
) -> None:
    """Build an index; the one that was there answers until the new one is whole."""
    from ..home import build_index

    report = build_index(corpus, index, progress=Progress())
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    _show(index, report)


def _show(index: Path, report: BuildReport) -> None:
    counts = ", ".join(
        f"{len(getattr(report, kind))} {kind}" for kind in ("added", "changed", "removed", "unchanged", "skipped")
    )
    typer.echo(f"{index}: {report.passages} passages of {counts} documents; generation {report.generation}")
    for note in report.notes:
        typer.echo(plain(f"note: {note[0]}: {note[1]}"), err=True)
    for entry in report.skipped:
        typer.echo(plain(f"skipped {entry.name}: {entry.reason}"), err=True)


@app.command(epilog="Example: partnership-qa watch my_texts/ --index my_index/")
def watch(
    corpus: Annotated[Path, typer.Argument(help="A folder of texts, or one file.")],
    index: Annotated[Path, typer.Option("--index", help="Folder to write.")] = Path("index"),
) -> None:
    """Build an index, and again whenever a file changes, until Ctrl-C; a chat page that is open moves along."""
    from ..watch import watch as build_on_change

    def tell(result: BuildReport | PartnershipQAError) -> None:
        if isinstance(result, PartnershipQAError):
            typer.echo(plain(f"error: {result}"), err=True)
        else:
            _show(index, result)

    build_on_change(corpus, index, tell, progress=Progress())


@app.command(epilog="Example: partnership-qa serve --index my_index/ --port 7860")
def serve(
    index: IndexOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; the default is the first free from 7860.")
    ] = None,
    auth: Annotated[str | None, typer.Option(help="NAME:PASSWORD that the page asks for.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Listen beyond this machine without a password.")] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Open the chat page on this machine."""
    from ..web import serve as serve_page

    name, _, password = (auth or "").partition(":")
    if auth is not None and not (name and password):
        raise PartnershipQAError("--auth takes NAME:PASSWORD, both of them.")
    serve_page(
        index=index, host=host, port=port, auth=(name, password) if auth else None,
        allow_public=public, open_browser=open_browser,
    )  # fmt: skip


@app.command(epilog="Example: partnership-qa evaluate my_questions/ --html report.html")
def evaluate(
    set_dir: Annotated[Path, typer.Argument(help="A folder with corpus/ and questions.jsonl, or a SQuAD 2.0 file.")],
    index: IndexOption = None,
    as_json: JsonOption = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with tables and pictures here.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Ask only this many, drawn with a fixed seed.")] = None,
    reader: ReaderOption = None,
    fusion: Annotated[str, typer.Option(help="minmax, rrf, dense or lexical: how passages are found.")] = "minmax",
) -> None:
    """Ask a set of questions with known answers; print how well they were found, read, quoted and declined.

    In a file of answers judged on the page, one that was called wrong counts as wrong where it is given again.
    """
    from ..evaluation.metrics import evaluate as ask_all
    from ..evaluation.metrics import load_questions
    from ..evaluation.page import page
    from ..evaluation.squad import unpack
    from ..home import build_index, load
    from ..reading import FolderReader
    from ..retrieval import checked_fusion

    with tempfile.TemporaryDirectory() as folder:
        if set_dir.is_file():
            set_dir = unpack(set_dir, Path(folder) / "set")
        questions = load_questions(set_dir)
        if sample is not None and sample < len(questions):
            questions = random.Random(0).sample(questions, sample)  # noqa: S311 - a sample, not a secret
        if index is None:
            index = Path(folder) / "index"
            build_index(set_dir / "corpus", index, progress=Progress())
        loaded = load(index, reader=FolderReader(reader) if reader else None)
        qa = replace(loaded, fusion=checked_fusion(fusion))
        result = ask_all(qa, set_dir, questions, progress=lambda done: Progress()("asking", done, len(questions)))
    if html is not None:
        html.write_text(page(result), encoding="utf-8")
    values = result.to_dict()
    if as_json:
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
        return
    for name, value in values.items():
        if name != "by_type":
            typer.echo(f"{name:22} {value}")
    for kind, figures in values["by_type"].items():
        typer.echo(f"  {kind:20} " + "  ".join(f"{name} {value}" for name, value in figures.items()))


def run(command: Any) -> int:
    """Run the command line and give its exit code; errors of this package become one line on standard error."""
    try:
        code = command(standalone_mode=False)
    except PartnershipQAError as error:
        typer.echo(plain(f"error: {error}"), err=True)
        return 2
    except typer.Abort:
        return 130
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        typer.echo(plain(f"error: {error.strerror or error}{where}"), err=True)
        return 2
    except Exception as error:
        # click's own errors: wrong usage.
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    sys.exit(run(app))
