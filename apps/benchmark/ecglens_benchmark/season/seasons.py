"""Seasons: a seed that is committed by its hash, drawn from, and published afterwards."""

import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.engine import generator
from ecglens.store import read_json, write_json
from ecglens.trust import home

# Raised whenever a part, a size or a rule of docs/seasons.md changes: no two are compared.
SUITE = 2
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
SEED = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Season:
    """A season with its seed; `published` is True where everybody can know it."""

    name: str
    suite: int
    seed: str
    published: bool

    @property
    def commitment(self) -> str:
        """Hash of suite, name and seed, which is public from the beginning."""
        return commitment(self.name, self.suite, self.seed)

    @property
    def about(self) -> dict[str, Any]:
        """Name, suite and commitment, which are public."""
        return {"name": self.name, "suite": self.suite, "commitment": self.commitment}

    def numbers(self, *names: str | int) -> np.random.Generator:
        """Random numbers that depend on the season and these names alone."""
        text = "\x1f".join(map(str, (self.suite, self.seed, *names)))
        return np.random.default_rng(list(hashlib.sha256(text.encode()).digest()))

    def number(self, *names: str | int) -> int:
        """A whole number of 31 bits, as a seed of something else."""
        return int(self.numbers(*names).integers(2**31))

    def torch_numbers(self, *names: str | int) -> torch.Generator:
        """The same for torch."""
        return generator(self.number("torch", *names), *names)


def commitment(name: str, suite: int, seed: str) -> str:
    """SHA-256 of "ecglens season", the suite, the name and the seed, a line each."""
    text = f"ecglens season\n{suite}\n{name}\n{seed}\n"
    return hashlib.sha256(text.encode()).hexdigest()


def open_season(name: str, folder: Path) -> Path:
    """Draw a seed; path of NAME.season.json, which commits to it.

    The seed is kept where only its owner can read it. Raises ValueError for a name that a file
    cannot have everywhere, and for a season that is there.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"expected a name of small letters, digits and hyphens, such as 2027a, got {name!r}"
        )
    public, private = folder / f"{name}.season.json", seed_file(name)
    if _shipped(name) or public.exists() or private.exists():
        raise ValueError(f"expected a new season, got {name}, which is there; take another name")
    seed = secrets.token_hex(32)
    private.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"suite": SUITE, "seed": seed}, file)
    return _written(Season(name, SUITE, seed, published=False), folder)


def seed_file(name: str) -> Path:
    """File of the secret seed, beside the key that signs runs."""
    return home() / "seasons" / f"{name}.json"


def publish_season(name: str, folder: Path) -> Path:
    """Write the seed of a season of one's own into NAME.season.json; the path of this file.

    Raises ValueError where the seed is not on this machine.
    """
    private = seed_file(name)
    if not private.is_file():
        raise ValueError(f"expected the seed of {name} in {private}, got none; its opener has it")
    kept = read_json(private)
    return _written(Season(name, kept["suite"], kept["seed"], published=True), folder)


def season_of(words: str) -> Season:
    """The season of this name, or of a NAME.season.json.

    A name is looked for among the seasons that ECGLens brings, in this folder and among those that
    were opened on this machine. Raises ValueError where there is none, for one that is withdrawn,
    without a seed, for another version of the suite, and for a seed that is not the one committed
    to.
    """
    path = Path(words)
    if not words.endswith(".json"):
        path = _shipped(words) or Path(f"{words}.season.json")
    if not path.is_file():
        raise ValueError(
            f"expected a season, got {words}; there is no {path}. Open one of your own: "
            "ecglens benchmark --open-season NAME"
        )
    found = read_json(path)
    if not isinstance(found, dict) or not {"name", "suite", "commitment", "seed"} <= {*found}:
        raise ValueError(f"expected a season in {path}, got something else")
    name, suite, public = str(found["name"]), found["suite"], found["seed"]
    if not NAME.fullmatch(name):
        raise ValueError(f"expected in {path} a name of a season, got {name!r}")
    if reason := found.get("withdrawn"):
        raise ValueError(
            f"expected an open season, got {name}, which is withdrawn: {reason}; open your own by "
            "ecglens benchmark --open-season NAME"
        )
    if suite != SUITE:
        raise ValueError(
            f"expected a season of suite {SUITE}, got {suite} in {path}; its cards were made by "
            "another version of ECGLens"
        )
    private = seed_file(name)
    seed = public or (str(read_json(private)["seed"]) if private.is_file() else "")
    if not seed:
        raise ValueError(
            f"expected the seed of {name}, got none: it is secret until the season ends, and who "
            "opened it runs your method"
        )
    if not SEED.fullmatch(str(seed)) or commitment(name, suite, seed) != found["commitment"]:
        raise ValueError(f"expected the seed that {name} was committed to, got another in {path}")
    return Season(name, suite, seed, bool(public))


def _written(season: Season, folder: Path) -> Path:
    path = folder / f"{season.name}.season.json"
    write_json(path, {**season.about, "seed": season.seed if season.published else ""})
    return path


def _shipped(name: str) -> Path | None:
    """File of a season that ECGLens brings."""
    path = Path(str(files("ecglens_benchmark"))) / "seasons" / f"{name}.season.json"
    return path if NAME.fullmatch(name) and path.is_file() else None
