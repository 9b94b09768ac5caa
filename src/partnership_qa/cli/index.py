"""`partnership-qa index`: what an owner may do with an index besides building it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .terminal import CollectionOption, HomeOption, IndexOption, JsonOption, counted, plain

if TYPE_CHECKING:
    from ..index import GenerationInfo

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at an index, check it, go back, tidy up.")


def _root(index: Path | None, collection: str | None, home: Path | None) -> Path:
    from ..home import default_index, index_folder

    given = index_folder(index, collection, home)
    return default_index()[0] if given is None else given


@app.command("list", epilog="Example: partnership-qa index list --index my_index/")
def list_(
    index: IndexOption = None, collection: CollectionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Show the versions that are kept, the one in use first."""
    from ..index import list_generations

    found = list_generations(_root(index, collection, home))
    if as_json:
        typer.echo(json.dumps([entry.to_dict() for entry in found], ensure_ascii=False, indent=1))
        return
    for entry in found:
        use = "now in use" if entry.current else "kept, to go back to"
        typer.echo(plain(f"{'*' if entry.current else ' '} {entry.when}, {use}: {_told(entry)}"))


def _told(entry: GenerationInfo) -> str:
    if entry.damage:
        return f"damaged: its manifest {entry.damage}"
    counts = ((entry.documents, "document"), (entry.sections, "section"), (entry.passages, "passage"))
    signed = ", with a signature" if entry.signed else ""
    size = f"{entry.size / 2**20:.1f} MiB"
    return ", ".join((*(counted(*one) for one in counts), size, f"from {entry.corpus}")) + signed


@app.command("verify", epilog="Example: partnership-qa index verify --index my_index/")
def verify_(
    index: IndexOption = None, collection: CollectionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Compare every file of every generation with its SHA-256; leaves with 2 where one differs."""
    from ..index import verify

    root = _root(index, collection, home)
    found = verify(root)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        kept, size = counted(len(found.generations), "generation"), f"{found.size / 2**20:.1f} MiB"
        counts = f"{kept}, {counted(found.files, 'file')}, {size}"
        typer.echo(plain(f"{root}: {counts}: {len(found.damaged) or 'none'} damaged"))
    for damage in found.damaged:
        typer.echo(plain(f"damaged: {root / damage.file} {damage.what}"), err=True)
    if found.damaged:
        back = f"go back (partnership-qa index rollback --index {root})"
        again = f"build again (partnership-qa build CORPUS --index {root})"
        answering = found.generations[0] not in {damage.generation for damage in found.damaged}
        advice = "the current one is whole and answers" if answering else f"{back} or {again}"
        typer.echo(plain(f"what to do: {advice}"), err=True)
        raise typer.Exit(2)


@app.command("rollback", epilog="Example: partnership-qa index rollback --index my_index/")
def rollback_(
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Name of a kept version, as `index list --json` has it; the default is the last."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to the version before; done twice, all is as it was."""
    from ..index import rollback, when

    root = _root(index, collection, home)
    name = rollback(root, to)
    typer.echo(
        json.dumps({"generation": name})
        if as_json
        else plain(f"{root}: the version of {when(name) or name} is now in use")
    )


_CARD_SIGNED = {
    "signed": "signed too", "missing": "not signed, and not used where signatures are asked for",
    "wrong": "not what was signed", "other key": "signed by another key",
}  # fmt: skip


@app.command("sign", epilog="Example: partnership-qa index sign --key ~/.ssh/id_ed25519 --index my_index/")
def sign_(
    key: Annotated[Path, typer.Option("--key", help="SSH key; a public one where an agent holds its private one.")],
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the version in use with an SSH key (by ssh-keygen), so that others can tell who vouches for it.

    Its risk card is signed too, if it has one.
    """
    from ..evaluation.card import CARD, kept_at
    from ..index import sign, sign_file

    root = _root(index, collection, home)
    signed = sign(root, key.expanduser())
    shown = {"digest": signed.digest, "file": str(signed.file)}
    lines = [f"signed {signed.digest}", str(signed.file)]
    if kept_at(root, signed.digest) is not None:
        card = sign_file(root, CARD, key.expanduser())
        shown["card"] = str(card.file)
        lines += [f"signed {CARD}", str(card.file)]
    typer.echo(json.dumps(shown) if as_json else plain("\n".join(lines)))


@app.command(
    "check-signature",
    epilog="Example: partnership-qa index check-signature --allowed-signers signers.txt --index my_index/",
)
def check_signature_(
    allowed_signers: Annotated[
        Path,
        typer.Option("--allowed-signers", help="File of lines NAME KEYTYPE KEY: the public keys that may have signed."),
    ],
    index: IndexOption = None,
    collection: CollectionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who signed the version in use; leaves with 2 where nobody who is allowed to did.

    Says of its risk card too whether it may be used where signatures are asked for.
    """
    from ..errors import IndexSignatureError
    from ..evaluation.card import CARD, kept_at
    from ..index import check_signature

    root, signers = _root(index, collection, home), allowed_signers.expanduser()
    found = check_signature(root, signers)
    shown = {"digest": found.digest, "file": str(found.file), "signer": found.signer}
    lines = [f"{root}: signed by {found.signer}"]
    if kept_at(root, found.digest) is not None:
        try:
            kept_at(root, found.digest, signers)
            shown["card"] = "signed"
        except IndexSignatureError as error:
            shown["card"] = error.reason
        lines.append(f"{CARD}: {_CARD_SIGNED.get(shown['card'], 'its signature cannot be checked')}")
    typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else plain("\n".join(lines)))


@app.command("gc", epilog="Example: partnership-qa index gc --index my_index/")
def gc(
    index: IndexOption = None, collection: CollectionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Remove what stopped builds left behind; the generations that are kept stay."""
    from ..index import collect_garbage

    root = _root(index, collection, home)
    removed = collect_garbage(root)
    if as_json:
        typer.echo(json.dumps({"removed": list(removed)}, ensure_ascii=False))
    else:
        typer.echo(plain(f"{root}: removed {', '.join(removed) or 'nothing'}"))
