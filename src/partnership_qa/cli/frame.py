"""What every command stands in: the command line's own options, and errors as one line on standard error.

Exit codes: 0 answered or done, 1 declined, 2 an error (what, where and what to do stand on standard error).
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .. import __version__
from ..errors import PartnershipQAError
from .terminal import plain


def new_app() -> typer.Typer:
    """The command line without its commands."""
    app = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Questions answered in a text's own words, with the address of every word, or declined.",
        epilog="Exit codes: 0 answered or done, 1 declined, 2 error.",
    )
    app.callback()(_common)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"partnership-qa {__version__}")
        raise typer.Exit


def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    pass


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
