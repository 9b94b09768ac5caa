"""`partnership-qa verify`: do the quotes of saved answers still stand in their files? Neither model nor index is used.

Exit codes: 0 every quote is intact and says what its answer says, 1 one has moved or changed or is gone or an answer
says what its quotes do not, 2 an error.
"""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import AnswersFileError, CorpusError
from .terminal import JsonOption, counted, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..proof import Verdict

_SIGNS = {"equal": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}


def verify(
    answers: Annotated[
        str,
        typer.Argument(
            metavar="ANSWERS",
            help="A file of answers: what `ask --json` prints, one, or one a line; a conversation saved as JSON or as "
            "W3C annotations; - reads it from standard input.",
        ),
    ],
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The texts, a folder or one file; the default is ./corpus, or the shipped article."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the quotes of saved answers against the files that they were taken from, with neither model nor index.

    Each is intact, moved (its words stand elsewhere), changed (the nearest words are shown) or gone. What an answer
    says must be the words that are marked in its quotes, and its note or refusal one of this program's sentences,
    else it is unsupported. Exit code 0 says that all are intact,
    1 that something is not, 2 that they could not be checked.
    """
    from ..proof import State
    from ..proof import verify as check
    from ..proof.given import parse

    verdicts = check(parse(_read(answers)), _default() if corpus is None else corpus.expanduser())
    counts = {state.value: sum(one.state is state for one in verdicts) for state in State}
    intact = counts[State.INTACT.value] == len(verdicts)
    if as_json:
        values = {"intact": intact, "counts": counts, "verdicts": [one.to_dict() for one in verdicts]}
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
    else:
        typer.echo(plain(_shown(verdicts, counts)))
    raise typer.Exit(0 if intact else 1)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
    except OSError as error:
        raise AnswersFileError(file, error.strerror or str(error)) from None


def _default() -> Path:
    """The texts that are meant where none are named; those of the default index."""
    project = Path(__file__).resolve().parents[3]
    places = [Path("corpus"), Path(str(resources.files("partnership_qa") / "corpus"))]
    if (project / "pyproject.toml").is_file():
        places.insert(1, project / "corpus")
    for place in places:
        if place.is_dir():
            return place
    raise CorpusError("No texts to check against: name their folder with --corpus.")


def _shown(verdicts: Sequence[Verdict], counts: dict[str, int]) -> str:
    from ..proof import State

    several = len({one.answer for one in verdicts}) > 1
    lines = []
    for one in verdicts:
        lines.append(f"{one.label(several)} {one.text}")
        if one.difference:
            lines.append("    " + " ".join(filter(None, (_marked(*part) for part in one.difference))))
        elif one.proof is not None:
            lines.append("    " + " ".join(one.proof.quote.split()))
    unsupported = counts[State.UNSUPPORTED.value]
    said = ", ".join(
        f"{count} {state}" for state, count in counts.items() if count and state != State.UNSUPPORTED.value
    )
    total = f"{counted(len(verdicts) - unsupported, 'quote')}{': ' if said else ''}{said}"
    if unsupported:
        total += f"; {counted(unsupported, 'line')} of an answer unsupported by its quotes"
    return "\n".join([*lines, total])


def _marked(kind: str, before: str, now: str) -> str:
    if kind == "changed":
        return f"{_marked('removed', before, '')} {_marked('added', '', now)}"
    opening, closing = _SIGNS[kind]
    return f"{opening}{now if kind == 'added' else before}{closing}"
