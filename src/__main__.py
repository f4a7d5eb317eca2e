"""`python -m ecglens` is the `ecglens` command."""

from .app.commands import main

main()
