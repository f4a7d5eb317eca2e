"""`python -m ecglens` is the `ecglens` command."""

from .cli.commands import main

main()
