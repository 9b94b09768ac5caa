"""The command line as a whole, with `serve` and `evaluate`. A face of `QA`, without logic of its own."""

from __future__ import annotations

import json
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..errors import PartnershipQAError
from . import asking, building, disagreements, doctor, risk, verify
from . import chat as chatting
from . import mcp as mcp_
from .collections_ import app as collections_app
from .frame import new_app, run
from .index import app as index_app
from .keys import app as keys_app
from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, Progress, ReaderOption, SignersOption
from .threshold import ThresholdOption, threshold_of

__all__ = ["app", "main", "run"]

app = new_app()
app.add_typer(index_app, name="index")
app.add_typer(collections_app, name="collections")
app.add_typer(keys_app, name="keys")
asking.register(app)
app.command("chat", epilog="Example: partnership-qa chat --collection contracts")(chatting.chat)
app.command("verify", epilog="Example: partnership-qa verify answer.json --corpus my_texts/")(verify.verify)
app.command("build", epilog="Example: partnership-qa build my_texts/ --index my_index/")(building.build)
app.command("doctor", epilog="Example: partnership-qa doctor --airgap")(doctor.doctor)
app.command("watch", epilog="Example: partnership-qa watch my_texts/ --index my_index/")(building.watch)
app.command("mcp", epilog="Example: partnership-qa mcp --index my_index/")(mcp_.mcp)
app.command("risk", epilog="Example: partnership-qa risk --index my_index/ --at-most 0.1")(risk.risk)
app.command("disagreements", epilog="Example: partnership-qa disagreements --index my_index/ --json")(
    disagreements.disagreements
)


@app.command(epilog="Example: partnership-qa serve --index my_index/ --port 7860")
def serve(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; the default is the first free from 7860.")
    ] = None,
    auth: Annotated[str | None, typer.Option(help="NAME:PASSWORD that the page asks for.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Listen beyond this machine without a password.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep/--keep-nothing", help="Keep conversations on this machine, to open them again.")
    ] = True,
    threshold: ThresholdOption = None,
    allowed_signers: SignersOption = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Open the chat page on this machine."""
    from ..home import index_folder
    from ..web import serve as serve_page

    least = threshold_of(threshold)
    name, _, password = (auth or "").partition(":")
    if auth is not None and not (name and password):
        raise PartnershipQAError("--auth takes NAME:PASSWORD, both of them.")
    serve_page(
        index=index_folder(index, collection, home), host=host, port=port, auth=(name, password) if auth else None,
        allow_public=public, open_browser=open_browser, keep_conversations=keep,
        allowed_signers=allowed_signers, threshold=least,
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


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(app))
