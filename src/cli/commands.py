"""The `ecglens` command: the front doors under one name."""

import sys
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType

from ..jobs import spell_out, user_errors
from ..registry import missing, offered

# Line of help of each command that is a module beside this one.
COMMANDS = {
    "train": "fit a network (once), explain it, score every method, write a report",
    "evaluate": "explain and score a network that is there already",
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
    spell_out()
    if len(sys.argv) > 1 and sys.argv[1] == "--version":
        from .. import __version__

        print(__version__)
        return
    with user_errors("stopped"):
        every = commands()
        if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help"}:
            width = max(map(len, every))
            lines = (f"  {name:{width}} {line(name)}" for name in every)
            print(USAGE.format(commands="\n".join(lines)))
            return
    name = sys.argv[1]
    if name not in every:
        near = get_close_matches(name, every, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        known = f"expected a command, one of {', '.join(every)}; got {name!r}{meant}"
        sys.exit(f"ecglens: {missing('commands', name) or known}")
    sys.argv = [f"ecglens {name}", *sys.argv[2:]]
    module_of(name).main()


def commands() -> list[str]:
    """Names of our own commands, then those of installed packages.

    Raises ValueError for a name that two of them have.
    """
    others = offered("commands")
    for name in others.keys() & COMMANDS.keys():
        raise ValueError(
            f"expected another name than {name}, which is a command of ECGLens, for "
            f'{others[name].value}; rename it in [project.entry-points."ecglens.commands"]'
        )
    return [*COMMANDS, *sorted(others)]


def module_of(name: str) -> ModuleType:
    """Module of a command, whose main() runs it; ImportError where it cannot be loaded."""
    if name in COMMANDS:
        return import_module(f".{name}", __package__)
    return offered("commands")[name].load()


def line(name: str) -> str:
    """Line of help of a command: of an installed package, the first line of its docstring."""
    if name in COMMANDS:
        return COMMANDS[name]
    try:
        first, *_ = (module_of(name).__doc__ or "").splitlines() or [""]
    except ImportError as problem:
        return f"cannot be loaded: {problem}"
    return first.removeprefix(f"`ecglens {name}`: ").removesuffix(".")
