"""`partnership-qa disagreements`: places that say different numbers, dates or names in like sentences."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import PartnershipQAError
from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, counted, plain

if TYPE_CHECKING:
    from ..evaluation.disagreements import Side


def disagreements(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    most: Annotated[int, typer.Option("--most", min=1, help="List at most so many, the likest sentences first.")] = 50,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="number, date or name: only what differs so; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List pairs of places that say different things in like sentences, with both quotes; for a person to judge."""
    from ..evaluation.disagreements import Differs
    from ..evaluation.disagreements import disagreements as found_in
    from ..home import default_index, index_folder
    from ..index import open_index

    known = [one.value for one in Differs]
    if unknown := [name for name in kind or () if name not in known]:
        raise PartnershipQAError(f"--kind is one of {', '.join(known)}, not {unknown[0]}.")
    kinds = frozenset(map(Differs, kind or known))
    root = index_folder(index, collection, home)
    found = found_in(open_index(default_index()[0] if root is None else root), most=most, kinds=kinds)
    if as_json:
        typer.echo(json.dumps([entry.to_dict() for entry in found], ensure_ascii=False, indent=1))
        return
    typer.echo(f"{counted(len(found), 'pair')} of places that say different things in like sentences")
    for number, entry in enumerate(found, 1):
        one, other = (" / ".join(side.says) for side in (entry.one, entry.other))
        typer.echo(plain(f"\n{number}. {entry.differs.value}: {one} | {other}"))
        for side in (entry.one, entry.other):
            typer.echo(plain(f"   {_address(side)}\n   {' '.join(side.quote.split())}"))


def _address(side: Side) -> str:
    page = f", page {side.page}" if side.page else ""
    above = f" > {side.heading}" if side.heading else ""
    return f"{side.document}:{side.line}{page}{above}"
