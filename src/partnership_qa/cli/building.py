"""`partnership-qa build` and `watch`: texts into an index, once or whenever they change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import CollectionError, CorpusError, CorpusIndexError, GateRefusedError, PartnershipQAError
from .terminal import CollectionOption, HomeOption, JsonOption, Progress, counted, plain

if TYPE_CHECKING:
    from ..evaluation.gate import Lost
    from ..index import Accept, BuildReport, Store

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
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How the encoder computes: fp32, or int8, which is faster and less exact; the default is how the "
            "index was built, or fp32.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    gate: Annotated[
        bool,
        typer.Option(
            "--gate",
            help="Ask what the index that was there answers of the new one; where something is lost, list it, keep the "
            "old index and leave with 1.",
        ),
    ] = False,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="As --gate, but only list what is answered no more.")
    ] = False,
    risk: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.5, help="Measure afterwards how often it is wrong (see the command risk)."),
    ] = None,
) -> None:
    """Build an index; the one that was there answers until the new one is whole."""
    from ..home import build_index, encoder_name

    encoder, target = None, _target(index, collection, home)
    if ray is not None:
        from ..bulk import RayEncoder

        encoder, precision = RayEncoder(ray, encoder=encoder_name(target, precision)), None
    accept = _tests(target, refuse=gate) if gate or self_test else None
    try:
        report = build_index(
            corpus, index, collection=collection, home=home, encoder=encoder, progress=Progress(), accept=accept,
            precision=precision,
        )  # fmt: skip
    except GateRefusedError as error:
        typer.echo(plain(f"refused: {error}"), err=True)
        raise typer.Exit(1) from None
    if risk is not None:
        from .risk import measured

        measured(index or (None if collection else Path("index")), collection, home, risk)
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=1))
        return
    _show(collection or str(index or "index"), report)


def _target(index: Path | None, collection: str | None, home: Path | None) -> Path:
    """Folder of the index that a build will write."""
    from ..library import Library

    if collection is None:
        return (index or Path("index")).expanduser()
    known = [one for one in Library(home).collections() if one.name == collection]
    return known[0].index if known else Path()


def _tests(root: Path, *, refuse: bool) -> Accept | None:
    """What asks the self-tests of a new index; nothing where there is no index yet that could be asked."""
    from ..evaluation.gate import gate, judged_tests, made_tests
    from ..home import load
    from ..qa import QA
    from ..web.labels import labels_of

    try:
        before = load(root)
    except CorpusIndexError as error:
        typer.echo(plain(f"note: nothing to test the new index with: {error}"), err=True)
        return None
    tests = [*judged_tests(labels_of(root).content(before.index)), *made_tests(before)]

    def assemble(index: Store) -> QA:
        return QA.assemble(index, before.encoder, before.reader, before.calibration)

    return gate(assemble, tests, _tell_lost, refuse=refuse)


def _tell_lost(lost: tuple[Lost, ...], asked: int) -> None:
    typer.echo(f"self-tests: {counted(asked, 'question')}, {len(lost)} answered no more", err=True)
    for one in lost:
        typer.echo(plain(f"lost: {one.sentence}"), err=True)


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
