"""One part of a table: a parquet file, written whole or not at all, and what was written before."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ecglens.datamodules import MEASURED, SAMPLES, UNITS
from ecglens.ecg import LEADS
from ecglens.ecg import VERSION as ECG_VERSION
from ecglens.engine import full_precision
from ecglens.eval.heatmaps import method_key
from ecglens.explain import find
from ecglens.inputs import check_whole
from ecglens.report import installed_versions
from ecglens.store import Shard, atomic_path, parsed_json
from ecglens_sheets import KnownNetwork

from .networks import opened
from .rows import TableSettings, checked, rows_of
from .scores import Scorer, scorer_of
from .sources import Files, Paths, Read, Source, key_of_all, share

# Raised when a column or a number of it changes because of code of this package.
VERSION = 3
# Key in the metadata of a file, and what they count.
META, KEPT = b"ecglens", ("ecgs", "unusable", "reasons")
PARTS = "part-*-of-*.parquet"
# ECGs a pass. The reference network takes 7 CPU-ms an ECG by 64, 9 by 256 and 12 by 1024, whose
# signals leave the cache.
BATCH = 64
# A row group is what a reader holds: enough rows to compress well, and no more than fit anywhere.
GROUP_ROWS, GROUP_BYTES = 4096, 2**26
WORDS, NUMBER = ("reason", "outside", "flags"), pa.float32()
TEXT = (*WORDS, "patient")
MOST = 5  # reasons that the metadata of a part count
PLAIN = TableSettings()  # no maps


@dataclass(frozen=True)
class Part:
    """A part of a table: its file, the ECGs in it, and how many are not usable, by reason.

    `made` is False where it was complete before.
    """

    path: Path
    ecgs: int
    unusable: int
    reasons: Mapping[str, int]
    made: bool


@dataclass(frozen=True)
class Totals:
    """The parts of a table that are there; `missing` are the numbers of the others."""

    files: int
    missing: Sequence[int]
    ecgs: int
    unusable: int
    reasons: Mapping[str, int]


USUAL = ("missing_lead", "exclude")  # the one setting of a reading, as it is unless it is given


def _others(reading: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a reading that are not the defaults."""
    return {name: value for name, value in reading.items() if (name, value) != USUAL}


def write_part(  # noqa: PLR0913 - a front door: settings come by name
    ecgs: Iterable[Any] | Source,
    network: str | Path | KnownNetwork,
    folder: str | Path,
    part: str = "1/1",
    *,
    settings: TableSettings = PLAIN,
    source: str = "",
    batch: int = BATCH,
    among: Source | None = None,
) -> Part:
    """Write one part of a table, such as "3/64", into `folder`; nothing where it is complete.

    `ecgs` are those of all parts by `source_of`, of which this one takes its share, or the ECGs of
    this part: each an ecg.Record with an id, which is prepared as in training, or (id, array) with
    what the network reads, (12, time) in µV at 500 Hz; an Excluded is a row with its reason. Where
    the part is complete they are not touched, but the first and last of a source. `network` is the
    folder of a run, a file of `ecglens export`, or opened. `source` says in a word which ECGs these
    are: a part of another source is not taken for this one; without it any ECGs are taken for those
    of a complete part.
    `batch` changes the last digit at most.
    Scores need the ECGs of all parts, among which those that replace segments are found: `ecgs`,
    or `among`.

    The call keeps no state: any process of any cluster may make any part, in any order. Raises
    ValueError for a damaged part in the folder, for one of another network, settings, list of ECGs
    or number of parts, for a `batch` below 1, and as `rows_of` does.
    """
    check_whole(1, batch=batch)
    shard, folder = Shard.parse(part), Path(folder).expanduser()
    known = opened(network)
    if isinstance(ecgs, Source):
        span, among = share(shard, len(ecgs)), ecgs
        ecgs, source = ecgs.read(*span), ecgs.key(*span)
    elif not isinstance(ecgs, Read):
        ecgs = checked(ecgs, known)
    if isinstance(among, Files | Paths) and _others(among.reading.as_trained) != _others(
        known.reading
    ):
        raise ValueError(
            "expected ECGs that are read as in training, got a source of others; give "
            "source_of(…, network=…)"
        )
    scorer = scorer_of(known, settings.scores, among) if settings.scores else None
    path = folder / f"part-{shard.number:05d}-of-{shard.of:05d}.parquet"
    listed = "" if among is None else key_of_all(among)
    wanted = {**_made_by(known, settings, shard), "list of ECGs": listed, "source": source}
    if scorer:
        wanted["scores"] = scorer.made_by
    if path.exists():
        kept = meta_of(path)
        _check_same(path, kept["made_by"], wanted)
        return Part(path, **{name: kept[name] for name in KEPT}, made=False)
    if other := next(iter(folder.glob(PARTS)), None):
        _check_same(other, {**meta_of(other)["made_by"], "source": source}, wanted)
    count, reasons, schema = 0, Counter[str](), _schema(known, settings, scorer)
    with full_precision(), atomic_path(path) as temporary, _writer(temporary, schema) as writer:
        for group in _groups(rows_of(ecgs, known, settings, batch, scorer), schema):
            writer.write_table(group)
            count += len(group)
            reasons.update(each for each in group["reason"].to_pylist() if each)
        found = Part(path, count, sum(reasons.values()), dict(reasons.most_common(MOST)), made=True)
        about = {
            "made_by": wanted,
            "versions": installed_versions(),
            "caution": caution_of(known, settings),
            "leads_of_a_map": LEADS,
            **{name: getattr(found, name) for name in KEPT},
        }
        if scorer:
            about["resolutions"] = dict(scorer.grains)
        writer.add_key_value_metadata({META: json.dumps(about, sort_keys=True)})
    return found


def totals(folder: str | Path) -> Totals:
    """Sums over the parts in a folder, from their metadata.

    Raises ValueError for a folder without parts, a damaged part, and parts of several tables.
    """
    files = sorted(Path(folder).expanduser().glob(PARTS))
    if not files:
        raise ValueError(f"expected parts of a table in {folder}, found none")
    kept = [meta_of(file) for file in files]
    first = {**kept[0]["made_by"], "source": ""}
    reasons = Counter[str]()
    for file, each in zip(files, kept, strict=True):
        _check_same(file, {**each["made_by"], "source": ""}, first)
        reasons.update(each["reasons"])
    numbers = {int(file.stem.split("-")[1]) for file in files}
    return Totals(
        files=len(files),
        missing=sorted({*range(1, first["parts"] + 1)} - numbers),
        ecgs=sum(each["ecgs"] for each in kept),
        unusable=sum(each["unusable"] for each in kept),
        reasons=dict(reasons.most_common()),
    )


def caution_of(known: KnownNetwork, settings: TableSettings) -> str:
    """Caution on maps that no evaluation of this network supports; "" for none."""
    shown = known.supported
    if not settings.maps or (shown.method == settings.maps and shown.level):
        return ""
    return f"maps by {settings.maps}: not tested, or not supported, on this network"


def _made_by(known: KnownNetwork, settings: TableSettings, shard: Shard) -> dict[str, Any]:
    """What decides a part beside its ECGs, as plain JSON."""
    about, method = known.finding.about, None
    if settings.maps:
        of_maps = {"seed": about.seed, "samples": settings.samples}
        method = method_key(find(settings.maps)) | of_maps
    return {
        "version": VERSION,
        "ecg": ECG_VERSION,
        "network": about.networks[0],
        "target": [about.target.name, *about.target.outputs],
        "input": about.input,
        "training range": [[each.name, each.low, each.high] for each in known.ranges],
        "maps": json.loads(json.dumps(method)),
        "parts": shard.of,
    }


def meta_of(path: Path) -> dict[str, Any]:
    """Metadata of a part; ValueError for a damaged file and for one of others."""
    try:
        found = (pq.read_metadata(path).metadata or {}).get(META)
    except (OSError, pa.ArrowException) as problem:
        said = " ".join(str(problem).split())
        raise ValueError(
            f"expected a whole part of a table, got a damaged file, {path} ({said}); delete it, "
            "and the same command makes it again"
        ) from problem
    kept = None if found is None else parsed_json(found, str(path))
    if not isinstance(kept, dict) or not {*KEPT, "made_by"} <= {*kept}:
        raise ValueError(f"expected a part that `ecglens table` wrote, got another file: {path}")
    return kept


def _check_same(path: Path, kept: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise ValueError, which names the first thing that differs."""
    for name in [*wanted, *({*kept} - {*wanted})]:
        if kept.get(name) != (own := wanted.get(name)):
            raise ValueError(
                f"expected in {path.parent} parts with {name} {json.dumps(own)}, got {path.name} "
                f"with {json.dumps(kept.get(name))}; give another folder, or delete this one"
            )


def _schema(known: KnownNetwork, settings: TableSettings, scorer: Scorer | None) -> pa.Schema:
    target, samples = known.finding.about.target, SAMPLES[known.finding.about.input]
    chances = target.outputs if target.kind == "binary" else ()
    units = {
        "reason": "",
        **{f"prediction_{name}": target.unit for name in target.outputs},
        **{f"probability_{name}": "probability" for name in chances},
        "outside": "",
        "flags": "",
        **{name: UNITS[name] for name in MEASURED},
    }
    if scorer:
        units |= {"patient": "", **dict.fromkeys(scorer.columns, target.unit)}
    columns = [
        pa.field(name, pa.string() if name in TEXT else NUMBER, metadata={"unit": unit})
        for name, unit in units.items()
    ]
    if settings.maps:
        pieces = -(-samples // settings.samples)
        columns.append(pa.field("map", pa.list_(NUMBER, len(LEADS) * pieces)))
    return pa.schema([pa.field("id", pa.string(), nullable=False), *columns])


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Numbers byte by byte: maps take 0.8 of their size, where a dictionary would add to it."""
    numbers = [each.name for each in schema if each.type == NUMBER]
    encoded: dict[str, Any] = {
        "use_dictionary": [*WORDS],
        "use_byte_stream_split": [*numbers, *["map.list.element"] * ("map" in schema.names)],
    }
    return pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True, **encoded)


def _groups(batches: Iterable[list[dict[str, Any]]], schema: pa.Schema) -> Iterator[pa.Table]:
    """Row groups of these rows; what a row has no value for is null."""
    held, size = list[pa.Table](), 0
    for rows in batches:
        held.append(pa.Table.from_pylist(rows, schema))
        size += held[-1].nbytes
        if sum(map(len, held)) >= GROUP_ROWS or size >= GROUP_BYTES:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)
