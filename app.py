"""The chat page: `python app.py`, then open the address it prints."""

import sys

from partnership_qa.cli.app import app, run

if __name__ == "__main__":
    sys.exit(run(lambda standalone_mode: app(["serve", *sys.argv[1:]], standalone_mode=standalone_mode)))
