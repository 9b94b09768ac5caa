"""`partnership-qa build` and `watch`: texts into an index, once or whenever they change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import CollectionError, CorpusError, PartnershipQAError
from .terminal import CollectionOption, HomeOption, JsonOption, Progress, counted, plain

if TYPE_CHECKING:
    from ..index import BuildReport

CorpusArgument = Annotated[
    Path | None,
    typer.Argument(
        help="A folder of texts, or one file; with --collection a folder that it follows from now on, if any.",
        show_default=False,
    ),
]
TargetOption = Annotated[
    Path | None, typer.Option("--index", help="Folder to write; the default is ./index.", show_default=False)
]

RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="Embed on a Ray cluster: its address, `auto`, or `local` to start one here.",
        show_default=False,
    ),
]


def build(
    corpus: CorpusArgument = None,
    index: TargetOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    ray: RayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build an index; the one that was there answers until the new one is whole."""
    from ..home import build_index

    encoder = None
    if ray is not None:
        from ..bulk import RayEncoder

        encoder = RayEncoder(ray)
    report = build_index(corpus, index, collection=collection, home=home, encoder=encoder, progress=Progress())
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    _show(collection or str(index or "index"), report)


def _show(name: str, report: BuildReport) -> None:
    kinds = ("added", "changed", "removed", "unchanged", "skipped")
    counts = ", ".join(f"{len(names):,} {kind}" for kind in kinds if (names := getattr(report, kind)))
    typer.echo(plain(f"{name}: {counted(report.passages, 'passage')}; documents: {counts}"))
    for note in report.notes:
        typer.echo(plain(f"note: {note[0]}: {note[1]}"), err=True)
    for entry in report.skipped:
        typer.echo(plain(f"skipped {entry.name}: {entry.reason}"), err=True)


def watch(
    corpus: CorpusArgument = None,
    index: TargetOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
) -> None:
    """Build an index, and again whenever a file changes, until Ctrl-C; a chat page that is open moves along."""
    from ..home import following
    from ..library import Library
    from ..watch import watch as build_on_change

    place = following(Library(home), collection, corpus) if collection is not None else None
    if place is not None and index is not None:
        raise CollectionError("Give an index or a collection, not both.")
    if place is None and corpus is None:
        raise CorpusError("Nothing to watch: give a folder of texts, or --collection.")
    texts, root = (place.corpus, place.index) if place else (corpus or Path(), index or Path("index"))

    def tell(result: BuildReport | PartnershipQAError) -> None:
        if isinstance(result, PartnershipQAError):
            typer.echo(plain(f"error: {result}"), err=True)
        else:
            _show(collection or str(root), result)

    build_on_change(texts, root, tell, progress=Progress())
