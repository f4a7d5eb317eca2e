"""`ecglens study` answers --help without loading anything heavy."""

import subprocess
import sys

from ecglens.cli.commands import main

HELP = """
import contextlib, io, sys
from ecglens.cli.commands import main
for words in ([], ["--help"], *([name, "--help"] for name in sys.argv[1].split())):
    sys.argv = ["ecglens", "study", *words]
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        main()
    assert said.getvalue().startswith("usage: ecglens study"), words
print(*{name.partition(".")[0] for name in sys.modules})
"""
COMMANDS = "create serve invite revoke withdraw erase export import analyse simulate sample-size"
HEAVY = {"torch", "numpy", "pandas", "matplotlib", "scipy", "fastapi", "uvicorn", "hydra"}


def test_help_of_every_command_loads_nothing_heavy():
    words = [sys.executable, "-c", HELP, COMMANDS]
    loaded = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert "argparse" in loaded
    assert not HEAVY & {*loaded}


def test_study_without_a_command_prints_its_help(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["ecglens", "study"])
    main()
    said = capsys.readouterr().out
    for name in COMMANDS.split():
        assert f"    {name}" in said
