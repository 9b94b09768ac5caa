"""The command line, one of the two faces of `QA`."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script."""
    command, given = sys.argv[1:2], {argument.partition("=")[0] for argument in sys.argv[2:]}
    if command in (["ask"], ["search"]) and not given & {"--help", "--reader"}:
        from ..ahead import load_ahead

        load_ahead(reader=command == ["ask"])
    from .app import main as run

    run()
