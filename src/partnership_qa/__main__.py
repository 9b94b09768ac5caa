"""`python -m partnership_qa` is the command line."""

from .cli import main

main()
