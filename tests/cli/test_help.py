"""What --help prints, and that it is answered before anything heavy is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

DOORS = [
    ("commands", []),
    ("commands", ["--help"]),
    ("commands", ["prepare", "--help"]),
    ("commands", ["train", "--help"]),
    ("commands", ["explain", "--help"]),
    ("commands", ["benchmark", "--help"]),
    ("commands", ["leaderboard", "--help"]),
    ("commands", ["figure", "--help"]),
    ("commands", ["measure", "--help"]),
    ("commands", ["whatif", "--help"]),
    ("commands", ["open", "--help"]),
    ("commands", ["plan", "--help"]),
    ("commands", ["study", "--help"]),
    ("commands", ["study", "serve", "--help"]),
    ("train", ["--help"]),
    ("evaluate", ["--help"]),
    ("train", ["epochs=3"]),
    ("train", ["target=pqr"]),
]
HEAVY = "captum matplotlib pandas pytorch_lightning scipy torch wandb"
# Runs one of the front doors, then prints what of HEAVY it has loaded.
STARTED = f"""
import importlib, sys
main = importlib.import_module("ecglens.cli." + sys.argv.pop(1)).main
try:
    main()
except SystemExit:
    pass
print("loaded:", *sorted(sys.modules.keys() & {{*"{HEAVY}".split()}}))
"""


@pytest.mark.heavy
@pytest.mark.parametrize(("door", "words"), DOORS)
def test_help_and_a_wrong_setting_are_answered_before_torch_is_loaded(
    door: str, words: list[str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED, door, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout.splitlines()[-1] == "loaded:", done.stderr


def test_help_explains_the_commands_and_the_choices(door) -> None:
    done = door("train.py", "--help")
    assert done.returncode == 0
    for word in ("python train.py -m target=pr,qrs,qt", "saliency", "deepfake", "epochs: 8"):
        assert word in done.stdout


def test_the_first_help_explains_both_ways_to_write_settings() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecglens"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0
    for word in ("prepare", "evaluate", "study", "fit.epochs=20", "--ecgs 20"):
        assert word in done.stdout


def test_help_is_spelt_out_where_the_terminal_knows_ascii_alone() -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for words, own in (
        (["--help"], {"PYTHONIOENCODING": "ascii"}),
        (["explain", "--help"], {"PYTHONIOENCODING": "ascii"}),
        (["--help"], plain),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ecglens", *words],
            env={**os.environ, **own}, capture_output=True, timeout=600,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"\\u2026" in done.stdout


def test_an_unknown_command_is_answered_with_the_nearest_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecglens", "trian"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("got 'trian'; did you mean train?")
