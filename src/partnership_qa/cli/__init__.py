"""The command line, one of the two faces of `QA`."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    command, given = sys.argv[1:2], {argument.partition("=")[0] for argument in sys.argv[2:]}
    if command not in (["ask"], ["search"]):
        from .app import main as run_any

        return run_any()
    if not given & {"--help", "--reader"}:
        from ..ahead import load_ahead

        load_ahead(reader=command == ["ask"])
    # A question waits for no other command.
    from .asking import register
    from .frame import new_app, run

    app = new_app()
    register(app)
    sys.exit(run(app))
