"""One part of a table: a parquet file, written whole or not at all, and what was written before."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ecglens.datamodules import MEASURED, SAMPLES
from ecglens.ecg import LEADS
from ecglens.ecg import VERSION as ECG_VERSION
from ecglens.engine import full_precision
from ecglens.explain import find
from ecglens.report import installed_versions
from ecglens.store import Shard, atomic_path, class_path, own_source
from ecglens_sheets import KnownNetwork
from scipy.special import expit

from .networks import opened
from .rows import SEPARATOR, Row, TableSettings, rows_of

# Raised when a column or a number of it changes because of code of this package.
VERSION = 1
META = b"ecglens"  # key in the metadata of a file
PARTS = "part-*-of-*.parquet"
BATCH = 256  # ECGs: 7 MB of median beats, 61 MB of strips
# A row group is what a reader holds: as many rows as compress well, and no more than fit anywhere.
GROUP_ROWS, GROUP_BYTES = 4096, 2**26
UNITS = {"rate": "1/min", **dict.fromkeys(("pr", "qrs", "qt", "qt_tangent"), "ms")}
PLAIN = TableSettings()  # no maps
REASONS = 5  # of a part that its metadata name


@dataclass(frozen=True)
class Part:
    """A part of a table: its file, the ECGs in it, those that are not usable, by reason.

    `made` is False where it was complete before.
    """

    path: Path
    ecgs: int
    unusable: int
    reasons: Mapping[str, int]
    made: bool


def write_part(  # noqa: PLR0913 - a front door: settings come by name
    ecgs: Iterable[Any],
    network: str | Path | KnownNetwork,
    folder: str | Path,
    part: str = "1/1",
    *,
    settings: TableSettings = PLAIN,
    source: str = "",
    batch: int = BATCH,
) -> Part:
    """Write one part of a table, such as "3/64", into `folder`; nothing where it is complete.

    `ecgs` are the ECGs of this part, each an ecg.Record with an id, which is prepared as in
    training, or (id, array) with what the network reads, (12, time) in µV at 500 Hz; an Excluded
    is a row with its reason. They are not touched where the part is complete. `network` is the
    folder of a run, a file of `ecglens export`, or opened. `source` says in a word which ECGs these
    are: a part of another source is not taken for this one. `batch` changes the last digit at most.

    The call keeps no state: any process of any cluster may make any part, in any order. Raises
    ValueError for a damaged part in the folder, for one of another network, settings or number of
    parts, and as `rows_of` does.
    """
    shard, known = Shard.parse(part), network
    if not isinstance(known, KnownNetwork):
        known = opened(known)
    folder = Path(folder).expanduser()
    path = folder / f"part-{shard.number:05d}-of-{shard.of:05d}.parquet"
    wanted = _made_by(known, settings, shard) | {"source": source}
    if path.exists():
        kept = _meta(path)
        _check_same(path, kept["made_by"], wanted)
        return Part(path, kept["ecgs"], kept["unusable"], kept["reasons"], made=False)
    if other := next(iter(folder.glob(PARTS)), None):
        _check_same(other, _meta(other)["made_by"] | {"source": source}, wanted)
    counted = _Counted(rows_of(ecgs, known, settings, batch))
    schema = _schema(known, settings)
    with (
        full_precision(),
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for group in _groups(_table(rows, schema, settings) for rows in counted):
            writer.write_table(group, row_group_size=GROUP_ROWS)
        found = Part(path, counted.ecgs, sum(counted.reasons.values()), counted.most(), made=True)
        about = {
            "made_by": wanted,
            "ecgs": found.ecgs,
            "unusable": found.unusable,
            "reasons": found.reasons,
            "versions": installed_versions(),
            "map": _about_maps(known, settings),
        }
        writer.add_key_value_metadata({META: json.dumps(about, sort_keys=True)})
    return found


@dataclass(frozen=True)
class Totals:
    """All parts of a table that are there: numbers of files and ECGs, and what is not usable."""

    files: int
    missing: Sequence[int]
    ecgs: int
    unusable: int
    reasons: Mapping[str, int]


def totals(folder: str | Path) -> Totals:
    """Sums over the parts in a folder, from their metadata.

    Raises ValueError for a folder without parts, a damaged part, and parts of several tables.
    """
    files = sorted(Path(folder).expanduser().glob(PARTS))
    if not files:
        raise ValueError(f"expected parts of a table in {folder}, found none")
    first, numbers, reasons, ecgs, unusable = None, set[int](), Counter[str](), 0, 0
    for file in files:
        kept = _meta(file)
        own = kept["made_by"] | {"source": ""}
        first = first or own
        _check_same(file, own, first)
        numbers.add(int(file.stem.split("-")[1]))
        ecgs, unusable = ecgs + kept["ecgs"], unusable + kept["unusable"]
        reasons.update(kept["reasons"])
    of = first["parts"] if first else 0
    missing = [number for number in range(1, of + 1) if number not in numbers]
    return Totals(len(files), missing, ecgs, unusable, dict(reasons.most_common()))


class _Counted:
    """Rows as they pass, with the number of ECGs and the reasons of those that are not usable."""

    def __init__(self, batches: Iterable[list[Row]]) -> None:
        self.batches, self.ecgs, self.reasons = batches, 0, Counter[str]()

    def __iter__(self) -> Iterator[list[Row]]:
        for rows in self.batches:
            self.ecgs += len(rows)
            self.reasons.update(row.reason for row in rows if row.reason)
            yield rows

    def most(self) -> dict[str, int]:
        """The most frequent reasons; those that are equally frequent in the order of the rows."""
        return dict(self.reasons.most_common(REASONS))


def _made_by(known: KnownNetwork, settings: TableSettings, shard: Shard) -> dict[str, Any]:
    """What decides a part beside its ECGs, as plain JSON."""
    about, target = known.finding.about, known.finding.about.target
    chosen = find(settings.maps) if settings.maps else None
    method = None
    if chosen is not None:
        method = {
            "class": class_path(type(chosen)),
            "version": chosen.version,
            "settings": asdict(chosen),  # pyright: ignore[reportArgumentType]
            **own_source(type(chosen)),
        }
    return {
        "version": VERSION,
        "ecg": ECG_VERSION,
        "network": about.networks[0],
        "target": [target.name, *target.outputs],
        "input": about.input,
        "training range": [[each.name, each.low, each.high] for each in known.ranges],
        "maps": json.loads(json.dumps(method)),
        "segment_ms": settings.segment_ms if settings.maps else 0.0,
        "map_type": settings.map_type if settings.maps else "",
        "parts": shard.of,
    }


def _about_maps(known: KnownNetwork, settings: TableSettings) -> dict[str, Any] | None:
    """How the column `map` is read, and what is known of its method on this network."""
    if not settings.maps:
        return None
    shown, samples = known.supported, SAMPLES[known.finding.about.input]
    supported = shown.method == settings.maps and shown.level
    return {
        "method": settings.maps,
        "leads": list(LEADS),
        "pieces": -(-samples // (settings.samples or 1)),
        "samples_in_piece": settings.samples or 1,
        "supported": f"level {shown.number}, {shown.level}" if supported else "",
        "caution": "" if supported else "not tested, or not supported, on this network",
    }


def _meta(path: Path) -> dict[str, Any]:
    try:
        found = (pq.read_metadata(path).metadata or {}).get(META)
    except (OSError, pa.ArrowException) as problem:
        said = " ".join(str(problem).split())
        raise ValueError(
            f"expected a whole part of a table, got a damaged file, {path} ({said}); delete it, "
            "and the same command makes it again"
        ) from problem
    if found is None:
        raise ValueError(f"expected a part that `ecglens table` wrote, got another file: {path}")
    return json.loads(found)


def _check_same(path: Path, kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise ValueError, which names the first thing that differs."""
    for name, own in wanted.items():
        if kept.get(name) != own:
            raise ValueError(
                f"expected in {path.parent} parts with {name} {_said(own)}, got {path.name} with "
                f"{_said(kept.get(name))}; give another folder, or delete this one"
            )


def _said(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value)


def _schema(known: KnownNetwork, settings: TableSettings) -> pa.Schema:
    target, samples = known.finding.about.target, SAMPLES[known.finding.about.input]
    columns = [pa.field("id", pa.string(), nullable=False), pa.field("reason", pa.string())]
    columns += [
        pa.field(f"prediction_{name}", pa.float32(), metadata={"unit": target.unit})
        for name in target.outputs
    ]
    if target.kind == "binary":
        columns += [pa.field(f"probability_{name}", pa.float32()) for name in target.outputs]
    columns += [pa.field("outside", pa.string()), pa.field("flags", pa.string())]
    columns += [
        pa.field(name, pa.float32(), metadata={"unit": UNITS.get(name, "µV")}) for name in MEASURED
    ]
    if settings.maps:
        pieces = -(-samples // (settings.samples or 1))
        number = pa.float16() if settings.map_type == "float16" else pa.float32()
        columns += [
            pa.field("map", pa.list_(number, len(LEADS) * pieces)),
            pa.field("map_scale", pa.float32()),
        ]
    return pa.schema(columns)


def _table(rows: Sequence[Row], schema: pa.Schema, settings: TableSettings) -> pa.Table:
    """Rows as columns; what is not known is null."""
    outputs = [None if row.reason or row.outputs is None else row.outputs for row in rows]
    predictions = [name for name in schema.names if name.startswith("prediction_")]
    found: dict[str, Any] = {
        "id": [row.id for row in rows],
        "reason": [row.reason or None for row in rows],
        "outside": [None if row.reason else row.outside for row in rows],
        "flags": [None if row.flags is None else SEPARATOR.join(row.flags) for row in rows],
    }
    for place, name in enumerate(predictions):
        own = [None if each is None else each[place] for each in outputs]
        found[name] = own
        found[name.replace("prediction_", "probability_", 1)] = [
            None if each is None else np.float32(expit(np.float64(each))) for each in own
        ]
    for name in MEASURED:
        found[name] = [_number(row.measured.get(name, np.nan)) for row in rows]
    if settings.maps:
        found |= _map_columns(rows, schema)
    arrays = [
        found[name] if isinstance(found[name], pa.Array) else pa.array(found[name], kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _number(value: float) -> np.float32 | None:
    return None if np.isnan(value) else np.float32(value)


def _map_columns(rows: Sequence[Row], schema: pa.Schema) -> dict[str, pa.Array]:
    """Maps over their largest value, which float16 holds to three digits, and that value."""
    kind = schema.field("map").type
    dtype = np.dtype(kind.value_type.to_pandas_dtype())
    maps = np.zeros((len(rows), kind.list_size), dtype)
    scales: list[np.float32 | None] = []
    for place, row in enumerate(rows):
        if row.map is None or row.reason:
            scales.append(None)
            continue
        scale = np.abs(row.map).max()
        maps[place] = (row.map / (scale or 1.0)).ravel()
        scales.append(np.float32(scale))
    without = pa.array([scale is None for scale in scales])
    flat = pa.array(maps.ravel(), kind.value_type)
    listed = pa.FixedSizeListArray.from_arrays(flat, kind.list_size, mask=without)
    return {"map": listed, "map_scale": pa.array(scales, pa.float32())}


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows of the tables in row groups."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(map(len, held)) >= GROUP_ROWS or sum(each.nbytes for each in held) >= GROUP_BYTES:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)
