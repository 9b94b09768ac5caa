"""`partnership-qa doctor`: what is installed, and whether it is whole; with `--airgap`, that nothing leaves."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, counted, plain


def doctor(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    airgap: Annotated[
        bool,
        typer.Option(
            "--airgap",
            help="Import, build, answer, verify and serve once, in a temporary folder, where every connection beyond "
            "this machine, name look-up and program started is refused and counted.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is installed and whether it is whole; leaves with 1 where something is wrong."""
    right = _airgap(as_json) if airgap else _examined(index, collection, home, as_json)
    raise typer.Exit(0 if right else 1)


def _examined(index: IndexOption, collection: CollectionOption, home: HomeOption, as_json: bool) -> bool:
    from ..doctor import examine
    from ..home import index_folder
    from ..library import Library

    found = []
    for finding in examine(index_folder(index, collection, home), Library(home)):
        found.append(finding)
        if not as_json:
            typer.echo(plain(f"{'ok   ' if finding.right else 'WRONG'}  {finding.name}: {finding.said}"))
    wrong = [finding.name for finding in found if not finding.right]
    if as_json:
        values = {"right": not wrong, "findings": [finding.to_dict() for finding in found]}
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
    else:
        typer.echo(plain(f"wrong: {', '.join(wrong)}" if wrong else "all is well"))
    return not wrong


def _airgap(as_json: bool) -> bool:
    from ..airgap import WATCHED, airgap

    def tell(step: str, seconds: float) -> None:
        if not as_json:
            typer.echo(plain(f"{step} ({seconds:.1f} s)"))

    watch = airgap(tell)
    if as_json:
        typer.echo(json.dumps(watch.to_dict(), ensure_ascii=False, indent=1))
        return watch.right
    if watch.failure:
        typer.echo(plain(f"ended early: {watch.failure}"), err=True)
    for what, events in WATCHED.items():
        typer.echo(f"watched {what}: {', '.join(events)}")
    guard = watch.guard
    typer.echo(f"allowed within this machine: {counted(guard.loopback, 'call')} to its own address")
    processes = "1 process" if guard.workers == 1 else f"{guard.workers} processes"
    ours = "partnership_qa.sources.worker, which reads foreign formats under a guard of its own"
    typer.echo(f"allowed: {processes} of {ours}")
    for attempt in guard.attempts:
        typer.echo(plain(f"refused: {attempt.event} {attempt.target}, by {attempt.by}"))
    typer.echo(counted(len(guard.attempts), "attempt") + " to leave this machine or to start a program")
    return watch.right
