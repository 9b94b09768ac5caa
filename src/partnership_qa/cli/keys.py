"""`partnership-qa keys`: keys for programs that ask over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import HomeOption, JsonOption, plain

if TYPE_CHECKING:
    from ..keys import Keys

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Make, list and revoke keys for programs that ask over HTTP."
)


def _keys(home: Path | None) -> Keys:
    from ..keys import Keys

    return Keys(home)


@app.command("make", epilog='Example: partnership-qa keys make "the wiki" --writes')
def make(
    name: Annotated[str, typer.Argument(help="What to call it, such as who uses it.")],
    writes: Annotated[bool, typer.Option("--writes", help="It may add texts; else it only reads.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, once; only its hash is kept."""
    key, token = _keys(home).make(name, writes=writes)
    if as_json:
        typer.echo(json.dumps({"id": key.id, "name": key.name, "writes": key.writes, "key": token}, indent=1))
        return
    typer.echo(token)
    typer.echo(plain("This is shown once. Programs give it as: Authorization: Bearer KEY"), err=True)


@app.command("list", epilog="Example: partnership-qa keys list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the keys: what each is called, what it may do, and when it was made."""
    found = _keys(home).all()
    if as_json:
        values = [{"id": one.id, "name": one.name, "writes": one.writes, "made": one.made} for one in found]
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
        return
    if not found:
        typer.echo("no keys: partnership-qa keys make NAME")
    for one in found:
        typer.echo(plain(f"{one.id}  {'reads and writes' if one.writes else 'reads':16}  {one.made}  {one.name}"))


@app.command("revoke", epilog="Example: partnership-qa keys revoke 0a1b2c3d")
def revoke(
    which: Annotated[str, typer.Argument(metavar="KEY", help="Its id or its name, as `keys list` shows them.")],
    home: HomeOption = None,
) -> None:
    """Revoke a key: whoever gives it is refused from now on, also by servers that are running."""
    key = _keys(home).revoke(which)
    typer.echo(plain(f"revoked: {key.id}  {key.name}"))
