"""The `ecglens` command: the front doors under one name."""

import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path

COMMANDS = {
    "prepare": "read a source once, say what was left out and how the labels spread",
    "train": "fit a network (once), explain it, score every method, write a report",
    "evaluate": "explain and score a network that is there already",
    "explain": "one sheet per ECG file: prediction, known error, the heatmap that a run supports",
    "collect": "all scores of runs and sweeps, half-done ones too, in one table and one report",
    "compare": "two runs beside each other: answers, settings and numbers that differ",
    "figure": "figures and tables of a run for a paper: PDF, SVG, LaTeX",
    "reproduce": "a published study again, its tables beside the printed ones",
    "benchmark": "a method of yours through the fixed suite: its card",
    "leaderboard": "cards of several methods, from anywhere, on one page",
    "store": "what is kept: list, show, verify against its checksums, remove what is not used",
    "workspace": "the panels of a project on Weights & Biases, arranged for a team",
    "study": "heatmaps before experts: make and serve a voting page, analyse what they chose",
}
USAGE = """ecglens: which heatmap of an ECG network can you trust, and how do you know?

usage: ecglens COMMAND …

{commands}

`ecglens COMMAND --help` lists what each of them takes. There are two ways to write it:

  prepare, train, evaluate   settings as name=value (Hydra), all with a default, so that they can
                             be combined, kept in yaml files and swept:
                             ecglens train target=qrs fit.epochs=20
                             ecglens train -m target=pr,qrs
  every other command        options as --name value:
                             ecglens explain ECG.dcm --run demo
                             ecglens study create RUN --to FOLDER --ecgs 20

From Python: `import ecglens`, whose fit, evaluate, explain_records and create_study are these
commands; rank_methods ranks methods on a network of your own (docs/python.md)."""


def main() -> None:
    """Run the command that the first word names; without one, print the help."""
    usage = USAGE.format(commands="\n".join(f"  {n:11} {what}" for n, what in COMMANDS.items()))
    if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help"}:
        print(usage)
        return
    name = sys.argv[1]
    if name == "--version":
        from .. import __version__

        print(__version__)
        return
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        sys.exit(f"ecglens: expected a command, one of {', '.join(COMMANDS)}; got {name!r}{meant}")
    sys.argv = [f"ecglens {name}", *sys.argv[2:]]
    _find_own_modules()
    import_module(f".{name}", __package__).main()


def _find_own_modules() -> None:
    """Let settings name modules in the working directory, as `python -m ecglens` does."""
    here = str(Path.cwd())
    if not sys.flags.safe_path and not {"", here} & {*sys.path}:
        sys.path.insert(0, here)
