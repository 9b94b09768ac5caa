"""`partnership-qa collections`: the collections of a home folder, and what an owner may do with them."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import HomeOption, JsonOption, counted, plain

if TYPE_CHECKING:
    from ..library import Collection, Library

app = typer.Typer(rich_markup_mode=None, help="List collections, make, change, delete and restore them.")

NameArgument = Annotated[str, typer.Argument(help="Name of the collection.")]


def _library(home: Path | None) -> Library:
    from ..library import Library

    return Library(home)


@app.callback(invoke_without_command=True, epilog="Example: partnership-qa collections")
def _default(context: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    if context.invoked_subcommand is None:
        list_(home, as_json)


@app.command("list", epilog="Example: partnership-qa collections list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the collections with their folders, and those that can be restored."""
    library = _library(home)
    found, deleted = library.collections(), library.deleted()
    if as_json:
        values = {
            "home": str(library.home), "collections": [_values(one) for one in found],
            "deleted": [one.name for one in deleted],
        }  # fmt: skip
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
        return
    if not found:
        typer.echo(plain(f"no collection in {library.home}: partnership-qa build FOLDER --collection NAME"))
    for one in found:
        typer.echo(plain(_told(one)))
    for one in deleted:
        typer.echo(plain(f"{one.name}  deleted; until the next build: {_undo(one.name)}"))


def _values(collection: Collection) -> dict[str, object]:
    from ..index import list_generations

    current = list_generations(collection.index)[0] if collection.built else None
    return {
        "name": collection.name, "index": str(collection.index), "built": collection.built,
        "folders": {name: str(path) for name, path in collection.folders.items()},
        "documents": current.documents if current else 0, "passages": current.passages if current else 0,
    }  # fmt: skip


def _told(collection: Collection) -> str:
    values = _values(collection)
    counts = "not built"
    if values["built"]:
        counts = ", ".join(counted(int(str(values[f"{one}s"])), one) for one in ("document", "passage"))
    places = ", ".join(f"{name} ({path})" for name, path in collection.folders.items())
    return f"{collection.name}  {counts}, from {places or 'no folder'}"


def _undo(name: str) -> str:
    return f"partnership-qa collections restore {quote(name)}"


@app.command("create", epilog="Example: partnership-qa collections create contracts my_contracts/ annexes/")
def create(
    name: NameArgument,
    folders: Annotated[list[Path] | None, typer.Argument(help="Folders that it follows.", show_default=False)] = None,
    home: HomeOption = None,
) -> None:
    """Make a collection; nothing is indexed before it is built."""
    typer.echo(plain(_told(_library(home).create(name, folders or ()))))


@app.command("add", epilog="Example: partnership-qa collections add contracts annexes/")
def add(
    name: NameArgument,
    folder: Annotated[Path, typer.Argument(help="A folder of texts.")],
    home: HomeOption = None,
) -> None:
    """Follow another folder; the next build indexes it."""
    collection = _library(home).collection(name)
    collection.add(folder)
    typer.echo(plain(_told(collection)))


@app.command("remove", epilog="Example: partnership-qa collections remove contracts annexes/")
def remove(
    name: NameArgument,
    folder: Annotated[str, typer.Argument(help="One of its folders, by its name or its path.")],
    home: HomeOption = None,
) -> None:
    """Follow a folder no more; the folder stays, and the next build leaves its documents out."""
    collection = _library(home).collection(name)
    collection.remove(folder)
    typer.echo(plain(_told(collection)))


@app.command("rename", epilog="Example: partnership-qa collections rename contracts leases")
def rename(
    name: NameArgument, new: Annotated[str, typer.Argument(help="Its new name.")], home: HomeOption = None
) -> None:  # fmt: skip
    """Give a collection another name."""
    typer.echo(plain(_told(_library(home).rename(name, new))))


@app.command("delete", epilog="Example: partnership-qa collections delete contracts")
def delete(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    home: HomeOption = None,
) -> None:
    """Delete a collection, index and labels with it; its folders stay, and it can be restored until the next build."""
    library = _library(home)
    collection = library.collection(name)
    if not yes:
        typer.confirm(plain(f"Delete {_told(collection)}?"), abort=True, err=True)
    library.delete(name)
    typer.echo(plain(f"{name}  deleted; until the next build: {_undo(name)}"))


@app.command("restore", epilog="Example: partnership-qa collections restore contracts")
def restore(name: NameArgument, home: HomeOption = None) -> None:
    """Undo a deletion."""
    typer.echo(plain(_told(_library(home).restore(name))))
