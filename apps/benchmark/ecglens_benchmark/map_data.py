"""Maps with truth for others: networks, ECGs, maps of built-in methods and true maps as files."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch
from ecglens.engine import one_thread
from ecglens.explain import Method, controls, find_all
from ecglens.report import installed_versions
from ecglens.report.text import counted
from ecglens.store import Store, read_json, sha256_of, write_json, write_text
from torch import nn

from .apart import Source, Steps, disguised
from .apart.anonymous import from_plain, plain_data
from .season.parts import cosines
from .season.run import key_of
from .season.seasons import Season, season_of
from .season.sittings import Asked, Maps, control_maps, sit
from .season.world import Known, Sizes, World
from .special_networks import cosine

ECGS, STRIPS = 64, 16  # as many ECGs as a run explains; a strip costs four beats
OPEN, HIDDEN = "open", "hidden"
VERSION = 1  # of the layout of the files
CARD = "maps.md"  # among the templates
SECRET = (
    "In `hidden/`, drawn from season {0} (SHA-256 {1}), they are disguised, and the organiser "
    "scores maps by `ecglens dataset score MAPS --in . --season {0}`."
)
NONE_SECRET = (
    "`ecglens dataset maps --hidden SEASON` adds a part without the truth, of networks that nobody "
    "knows."
)


@dataclass(frozen=True)
class Written:
    """Folder of the data, number of networks, and bytes of all files."""

    folder: Path
    networks: int
    size: int


def write_map_data(  # noqa: PLR0913 - a front door: settings come by name
    folder: str | Path,
    season: str | Season,
    hidden: str | Season = "",
    methods: str | list[str] = "all",
    *,
    ecgs: int = ECGS,
    strips: int = STRIPS,
    store: str | Path = "store",
    say: Callable[[str], object] = print,
) -> Written:
    """Write networks, ECGs, maps of built-in methods and controls, and true maps into a folder.

    `hidden` is another season, of which the truth is not written and whose networks are disguised
    and have drawn numbers for names. Maps are kept in `store`: the same call goes on where it
    stopped, and writes the same bytes; files of an earlier call are replaced at the end. `say` is
    told what is being done. Raises ValueError for an unknown season or method, for a season whose
    seed is secret as the first one or published as the hidden one, and for a folder that has
    something else in it.
    """
    place = Path(folder).resolve()
    if place.exists() and not _is_ours(place):
        raise ValueError(f"expected a new folder or one of this command, got {place}; name another")
    if min(ecgs, strips) < 1:
        raise ValueError(f"expected at least 1 ECG and 1 strip, got {ecgs} and {strips}")
    named = find_all(methods)
    worlds = {OPEN: _world(season, ecgs, strips, store)}
    if not worlds[OPEN].season.published:
        raise ValueError(
            f"expected a season whose seed is published, got {worlds[OPEN].season.name}, whose "
            "truth would be given away; name it with --hidden"
        )
    if hidden:
        worlds[HIDDEN] = _world(hidden, ecgs, strips, store)
        if worlds[HIDDEN].season.published:
            raise ValueError(
                f"expected a hidden season whose seed is secret, got {worlds[HIDDEN].season.name}, "
                "which is published; open one of your own: ecglens benchmark --open-season NAME"
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as beside:
        networks = _write_parts(Path(beside), worlds, named, say)
        size = sum(path.stat().st_size for path in Path(beside).rglob("*") if path.is_file())
        place.mkdir(exist_ok=True)
        if HIDDEN not in worlds:
            shutil.rmtree(place / HIDDEN, ignore_errors=True)
        # index.json first: by it the folder stays this command's, wherever it is stopped.
        for new in sorted(Path(beside).iterdir(), key=lambda each: each.name != "index.json"):
            if (old := place / new.name).is_dir():
                old.replace(Path(beside) / f".{new.name}")
            new.replace(place / new.name)
    return Written(place, networks, size)


def _write_parts(
    folder: Path,
    worlds: Mapping[str, World],
    named: Mapping[str, Method],
    say: Callable[[str], object],
) -> int:
    """Write every file; the number of networks."""
    rows, networks, forms = [], {}, {}
    for part, world in worlds.items():
        known, maps, refused = known_of(world), {}, {}
        asked = {name: Asked(each.network, each.ecgs) for name, each in known.items()}
        for name, method in named.items():
            say(f"{part}: {name}")
            source = Source(name)
            made = sit(source, world.season, "map data", asked, world.store, key_of(source))
            maps[name], refused[name] = made.maps, made.refused
            forms[name] = method.facts.form
        maps |= control_maps(world.season, asked)
        names = _numbers(world) if part == HIDDEN else {name: name for name in known}
        for name, each in sorted(known.items(), key=lambda pair: names[pair[0]]):
            own = names[name]
            of_network = {method: made[name] for method, made in maps.items() if name in made}
            _write_network(folder / part / own, each, of_network, world.season, part == HIDDEN)
            networks[f"{part}/{own}"] = {
                "ecgs": len(each.ecgs.x),
                "samples": each.ecgs.x.shape[2],
                "maps": [*of_network],
                "refused": {method: each[name] for method, each in refused.items() if name in each},
            }
            if part == OPEN:
                for method, made in of_network.items():
                    score = cosines(each, made, forms.get(method) == "slope")
                    about = {"network": own, "method": method, "ecgs": int(score.size)}
                    rows.append({**about, "cosine": round(float(score.mean()), 4)})
    write_text(folder / "scores.csv", pd.DataFrame(rows).to_csv(index=False))
    _write_index(folder, worlds, networks, forms)
    return len(networks)


def _is_ours(place: Path) -> bool:
    """True for an empty folder and for one that this command wrote, with nothing else in it."""
    there = {each.name for each in place.iterdir()}
    if not there:
        return True
    own = {"README.md", "SHA256SUMS", "index.json", "scores.csv", OPEN, HIDDEN}
    return "index.json" in there <= own and "seasons" in read_json(place / "index.json")


def score_maps(
    folder: str | Path, maps: str | Path, season: str | Season = "", store: str | Path = "store"
) -> pd.DataFrame:
    """Mean cosine with the truth of maps of one's own, `maps`/NETWORK.npy, a row for each network.

    Networks of the hidden part are scored where the seed of their `season` is at hand. Raises
    ValueError for a folder that `write_map_data` did not write, and for maps of another shape or
    without a network.
    """
    folder, maps = Path(folder), Path(maps)
    if not (folder / "index.json").is_file():
        raise ValueError(f"expected a folder of `ecglens dataset maps`, got {folder}")
    index = read_json(folder / "index.json")
    truths = dict(_truths(folder, index, season, store))
    found = []
    for path in sorted(maps.glob("*.npy")):
        if path.stem not in truths:
            known = ", ".join(truths)
            raise ValueError(f"expected maps of {known}, got {path.name}; NETWORK.npy names it")
        truth = truths[path.stem]
        try:
            own = np.load(path)
        except (EOFError, ValueError) as problem:
            raise ValueError(
                f"expected maps of shape {truth.shape} in {path.name}, got: {problem}"
            ) from problem
        array = isinstance(own, np.ndarray)
        got = f"{own.dtype} {own.shape}" if array else "an archive"
        if not array or own.shape != truth.shape or own.dtype.kind not in "fiu":
            raise ValueError(f"expected maps of shape {truth.shape} in {path.name}, got {got}")
        if not np.isfinite(own).all():
            raise ValueError(f"expected finite maps in {path.name}, got NaN or infinity")
        score = cosine(own, truth)
        score = score[np.isfinite(score)]  # of a truth that is empty there is none
        found.append({"network": path.stem, "ecgs": score.size, "cosine": score.mean()})
    if not found:
        raise ValueError(f"expected maps as {maps}/NETWORK.npy, found none")
    return pd.DataFrame(found)


def read_network(folder: str | Path) -> nn.Module:
    """The network in a folder of the data, in evaluation mode: µV (batch, 12, time) to (batch, 1).

    Raises OSError without its files.
    """
    about = read_json(Path(folder) / "network.json")
    with np.load(Path(folder) / "weights.npz") as weights:
        arrays = [weights[name] for name in _weights_of(about)]
    return Steps(from_plain(about, iter(arrays)))


def _weights_of(about: Mapping[str, Any]) -> list[str]:
    """Names of the arrays of a network, in the order of its plain data."""
    return [
        f"{place}.{name}" for place, step in enumerate(about["steps"]) for name in step["shapes"]
    ]


def known_of(world: World) -> dict[str, Known]:
    """Every network of a season of which the true maps are known."""
    return {
        f"{part}-{name}": each for part, own in world.known.items() for name, each in own.items()
    }


def _numbers(world: World) -> dict[str, str]:
    """Names of the hidden networks: numbers in an order that the season draws."""
    names = [*known_of(world)]
    order = world.season.numbers("map data").permutation(len(names))
    return {name: f"{place + 1:02d}" for name, place in zip(names, order, strict=True)}


def _world(season: str | Season, ecgs: int, strips: int, store: str | Path) -> World:
    drawn = season if isinstance(season, Season) else season_of(season)
    sizes = Sizes(set_ecgs=ecgs, trained_ecgs=ecgs, strips=strips)
    return World(drawn, Store.at(store), sizes)


def _write_network(
    folder: Path, known: Known, maps: Mapping[str, Maps], season: Season, hidden: bool
) -> None:
    program = known.network
    if hidden:
        program = disguised(program, season.number("disguise", "data", folder.name))
    about, arrays = plain_data(program)
    weights: Any = dict(zip(_weights_of(about), arrays, strict=True))
    x = known.ecgs.x
    with torch.no_grad(), one_thread():
        outputs = Steps(program)(x)[:, 0].numpy()
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "network.json", about)
    np.savez_compressed(folder / "weights.npz", **weights)
    np.savez_compressed(
        folder / "ecgs.npz",
        x=x.numpy(),
        outputs=outputs,
        segments=known.ecgs.batch.segments.numpy(),
        others=known.ecgs.others.numpy(),
    )
    own: Any = {name: np.asarray(each, np.float32) for name, each in maps.items()}
    np.savez_compressed(folder / "maps.npz", **own)
    if not hidden:
        np.save(folder / "truth.npy", known.truth.numpy().astype(np.float32))


def _truths(
    folder: Path, index: Mapping[str, Any], season: str | Season, store: str | Path
) -> Iterator[tuple[str, np.ndarray]]:
    for path in sorted((folder / OPEN).glob("*/truth.npy")):
        yield path.parent.name, np.load(path)
    if season:
        drawn = season if isinstance(season, Season) else season_of(season)
        about = index["seasons"].get(HIDDEN)
        if about is None or about["commitment"] != drawn.commitment:
            raise ValueError(f"expected the season of the hidden part, got {drawn.name}")
        world = _world(drawn, index["sizes"]["ecgs"], index["sizes"]["strips"], store)
        numbers = _numbers(world)
        for name, known in known_of(world).items():
            yield numbers[name], known.truth.numpy()


def _write_index(
    folder: Path, worlds: Mapping[str, World], networks: Mapping[str, Any], forms: Mapping[str, str]
) -> None:
    first, secret = worlds[OPEN].season, worlds.get(HIDDEN)
    sizes = worlds[OPEN].sizes
    about = {
        "version": VERSION,
        "seasons": {part: world.season.about for part, world in worlds.items()},
        "sizes": {"ecgs": sizes.set_ecgs, "strips": sizes.strips},
        "form": dict(forms),
        "networks": dict(networks),
        "versions": installed_versions(),
    }
    template = files(__package__ or "") / "templates" / CARD
    also = f" --hidden {secret.season.name}" if secret else ""
    also += "" if [*forms] == [*find_all("all")] else f" --methods {','.join(forms)}"
    if (sizes.set_ecgs, sizes.strips) != (ECGS, STRIPS):
        also += f" --ecgs {sizes.set_ecgs} --strips {sizes.strips}"
    said = SECRET.format(secret.season.name, secret.season.commitment) if secret else NONE_SECRET
    card = template.read_text(encoding="utf-8").format(
        methods=f"{counted(len(forms), 'method')} and {len(controls())} controls",
        version=about["versions"].get("ecglens", ""),
        season=first.name,
        also=also,
        commitment=first.commitment,
        suite=first.suite,
        networks=len(networks),
        ecgs=f"{sizes.set_ecgs} (strips {sizes.strips})",
        hidden=" and `hidden/`" if secret else "",
        in_hidden="; not in `hidden/`" if secret else "",
        secret=said,
    )
    write_text(folder / "README.md", card)
    write_json(folder / "index.json", about)
    sums = [
        f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    write_text(folder / "SHA256SUMS", "\n".join(sums) + "\n")
