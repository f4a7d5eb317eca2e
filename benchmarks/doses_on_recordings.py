"""Can recordings be edited by a known amount? python -m benchmarks.doses_on_recordings PTBXL LUDB.

PTBXL holds PTB-XL in its original layout, LUDB the records of LUDB (both on physionet.org). The
ECGs, in the order of their numbers: the first 240 median beats of PTB-XL and the first 60 strips in
sinus rhythm of which every label can be measured and nothing is flagged, and of each clean sinus
record of LUDB the first eight single beats that cardiologists marked (P, QRS and T).

The rules, written down before the first run:

1. The limits of an edit are those of ecglens_measure.doses.checks: the intended change may miss by
   4 ms or 25 µV, or by 15 % of the dose if that is more; a held label may move by 4 ms or 25 µV; no
   new turn of the signal above 15 µV. They are not changed by what comes out here.
2. An edit is impossible where there is no room or no wave of the size that is needed, and refused
   where it was made and breaks a limit. Errors are those of every edit that was made, refused or
   not: limits do not flatter them.
3. A dose is fit for recordings at a size where at most a tenth of the edits that were made are
   refused and at least half of the ECGs are kept.
4. Measuring again with the program that set the knots is circular. Beside it: cardiologists' marks
   carried through the map of time (they chose no knot), and neurokit2 (Makowski et al. 2021) where
   it is installed, on 60 beats of PTB-XL with the R peaks given.

Writes doses.csv, reasons.csv and neurokit2.csv into the folder --to. Five minutes on one core.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import wfdb
from ecglens.ecg import (
    BEAT_LENGTH,
    FS_HZ,
    R_INDEX,
    Record,
    Segments,
    UnusableRecord,
    filtered,
    measure,
    median_beat,
)
from ecglens_formats.ludb import global_edges
from ecglens_measure.doses import Dose, Marked, Unchangeable, doses, marked
from ecglens_measure.doses.applied import edited
from ecglens_measure.doses.checks import check, check_turns
from ecglens_measure.doses.dose import MS, Edit

from benchmarks.doses_by_another import delineations
from benchmarks.ludb_marks import read_marked

BEATS, STRIPS, OF_RECORD = 240, 60, 8
FILES = "ptbxl_database.csv"
ON_STRIPS = {"rate", "irregular", "premature", "pr", "qrs", "t_shift", "jt", "r", "t"}
EDGES = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
CHECKED = ("ms", "µV")
# Sizes that were tried too and are not usual: fewer than 70 % of the beats could be given them, or
# (J −100 µV) their counterpart.
MORE = {
    "pr": (-40.0,),
    "p_duration": (20.0,),
    "t_shift": (-40.0,),
    "t_peak": (20.0,),
    "p": (-40.0,),
    "j": (-100.0, 100.0),
    "st": (-100.0, -50.0, 100.0),
    "t": (-200.0,),
}
REACH = 6  # samples around a place in the original in which its roughness counts
SMOOTH_UV = 3.0  # a second difference that a smooth signal has too


@dataclass(frozen=True, eq=False)
class Source:
    """ECGs of one source, with manual edges (ecg, edge) in samples of the beat if there are any."""

    name: str
    ecgs: Marked
    manual: np.ndarray | None = None


def ptbxl(folder: Path) -> Iterator[tuple[str, Record]]:
    """Records in sinus rhythm by their codes, in the order of their numbers."""
    table = pd.read_csv(folder / FILES).sort_values("ecg_id")
    for _, row in table[table.scp_codes.str.contains("'SR'|'SBRAD'|'STACH'")].iterrows():
        signal, header = wfdb.rdsamp(str(folder / row.filename_hr))
        names = [name.upper().replace("AV", "aV") for name in header["sig_name"]]
        uv = np.asarray(signal, np.float32).T * 1e3
        if names[:3] == ["I", "II", "III"] and np.isfinite(uv).all():
            yield str(row.ecg_id), Record(uv, id=str(row.ecg_id))


def clean(folder: Path) -> Iterator[tuple[str, Record, np.ndarray, float, Segments]]:
    """Name, record, median beat, RR in ms and marks of records that are measured in full."""
    for name, record in ptbxl(folder):
        try:
            beat = median_beat(record)
        except UnusableRecord:
            continue
        found = measure(beat)
        if not found.reasons and not found.flags:
            yield name, record, beat.signal, beat.rr_ms, found.segments


def of_ptbxl(folder: Path) -> Iterator[Source]:
    """Median beats and strips of PTB-XL."""
    found = [each for _, each in zip(range(BEATS), clean(folder), strict=False)]
    names, records, beats, rr, _ = zip(*found, strict=True)
    yield Source("PTB-XL beats", marked(np.stack(beats), rr_ms=rr, ids=names))
    strips = np.stack([record.signal for record in records[:STRIPS]])
    yield Source("PTB-XL strips", marked(strips, ids=names[:STRIPS]))


def of_ludb(folder: Path) -> Source:
    """Single beats of LUDB's clean sinus records with all six manual edges, over all leads."""
    beats, rr, names, edges = [], [], [], []
    for path in sorted((folder / "data").glob("*.hea"), key=lambda file: int(file.stem)):
        read = read_marked(path.with_suffix(""))
        if not read.clean:
            continue
        every = global_edges(read.marks.reshape(*read.marks.shape[:2], -1, 2))
        every = every.reshape(len(read.marks), len(EDGES))
        beat = median_beat(read.record)
        signal = filtered(read.record.signal.astype(float), low_hz=0.5)
        kept = 0
        for one in every[np.isfinite(every).all(axis=1)]:
            peak = int(beat.r_peaks[np.abs(beat.r_peaks - one[2:4].mean()).argmin()])
            start = peak - R_INDEX
            if abs(peak - one[2:4].mean()) < 60 and 0 <= start <= signal.shape[1] - BEAT_LENGTH:
                beats.append(signal[:, start : start + BEAT_LENGTH])
                names.append(f"{path.stem}-{kept}")
                rr.append(beat.rr_ms)
                edges.append(one - start)
                kept += 1
            if kept == OF_RECORD:
                break
    ecgs = marked(np.stack(beats).astype(np.float32), rr_ms=rr, ids=names)
    return Source("LUDB beats", ecgs, np.stack(edges))


@dataclass(frozen=True, eq=False)
class Trial:
    """One edit that was made: change of each label, its roughness, and why it is refused ("")."""

    change: dict[str, float]
    rough: float
    carried: np.ndarray | None
    refused: str


def trial(source: Source, row: int, dose: Dose, by: float) -> Trial:
    """An edit of one ECG, measured and judged; Unchangeable where it is impossible."""
    ecgs = source.ecgs
    if problem := ecgs.reasons[row].get(""):
        raise Unchangeable(problem)
    if any(np.isnan(ecgs.marks[row].edges()[wave]).any() for wave in dose.waves):
        raise Unchangeable("a wave is missing")
    if abs(by) > dose.on_recordings:
        raise Unchangeable("only exact ECGs can be changed so")
    _, edit, change = edited(ecgs, row, dose, by)
    before, refused = ecgs.one(row).eight, ""
    try:
        check(dose, by, change)
        check_turns(before, edit)
    except Unchangeable as problem:
        refused = str(problem)
    return Trial(change, roughness(before, edit), carried(source, row, edit), refused)


def roughness(before: np.ndarray, edit: Edit) -> float:
    """Largest second difference after the edit over that of the original where it comes from."""
    length = before.shape[1]
    tau = np.arange(length) if edit.tau is None else edit.tau
    was, now = (np.abs(np.diff(each, 2, axis=1)).max(axis=0) for each in (before, edit.eight))
    near = np.array([was[max(i - REACH, 0) : i + REACH + 1].max() for i in range(len(was))])
    place = np.clip(np.round(tau[1:-1]).astype(int) - 1, 0, len(near) - 1)
    touched = np.abs(edit.eight[:, 1:-1] - before[:, 1:-1]).max(axis=0) > 1e-6
    inside = touched & (tau[1:-1] > REACH) & (tau[1:-1] < length - REACH)
    return float((now / np.maximum(near[place], SMOOTH_UV))[inside].max(initial=0.0))


def carried(source: Source, row: int, edit: Edit) -> np.ndarray | None:
    """Change of PR, QRS and QT in ms between manual edges that the map of time carries."""
    if source.manual is None or edit.tau is None:
        return None
    was = source.manual[row]
    now = np.interp(was, edit.tau, np.arange(len(edit.tau)))
    p_on, _, qrs_on, qrs_off, _, t_off = now - was
    return np.array([qrs_on - p_on, qrs_off - qrs_on, t_off - qrs_on]) * MS


def row_of(source: Source, dose: Dose, by: float) -> tuple[dict[str, object], Counter[str]]:
    """Line of doses.csv for a dose of one size, and reasons with their counts."""
    made, reasons = [], Counter()
    for row in range(len(source.ecgs)):
        try:
            made.append(trial(source, row, dose, by))
        except Unchangeable as problem:
            reasons[f"impossible: {problem}"] += 1
    reasons.update(f"refused: {each.refused}" for each in made if each.refused)
    count, refused = len(made), sum(bool(each.refused) for each in made)
    line: dict[str, object] = {
        "source": source.name,
        "dose": dose.name,
        "size": by,
        "unit": dose.unit,
        "ecgs": len(source.ecgs),
        "possible": count / len(source.ecgs),
        "refused": refused / count if count else np.nan,
        "kept": (count - refused) / len(source.ecgs),
        "fit": refused <= 0.1 * count and count - refused >= 0.5 * len(source.ecgs),
    }
    aim = dose.label or dose.name
    error = np.array([each.change.get(aim, np.nan) - by for each in made])
    known = error[np.isfinite(error)] if dose.unit in CHECKED else np.empty(0)
    line |= _quantiles("error", known)
    for unit, names in (("ms", ("pr", "qrs", "qt")), ("µV", ("r", "j", "t"))):
        held = [name for name in names if name in dose.holds]
        off = [max([abs(each.change[name]) for name in held] or [np.nan]) for each in made]
        line |= _quantiles(f"held_{unit}", np.array([one for one in off if np.isfinite(one)]))
    line["rough_90"] = _quantile([each.rough for each in made], 0.9)
    carried = [each.carried for each in made if each.carried is not None]
    place = {"pr": 0, "qrs": 1, "qt": 2}.get(dose.label or "")
    if carried and place is not None:
        line |= _quantiles("manual", np.array([one[place] for one in carried]) - by)
    return line, reasons


def _quantiles(name: str, values: np.ndarray) -> dict[str, float]:
    return {
        f"{name}_median": _quantile(values, 0.5),
        f"{name}_abs_median": _quantile(np.abs(values), 0.5),
        f"{name}_abs_90": _quantile(np.abs(values), 0.9),
    }


def _quantile(values: Sequence[float] | np.ndarray, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else np.nan


def main(arguments: Sequence[str] | None = None) -> None:
    """Edit, measure, and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("ludb", type=Path)
    parser.add_argument("--to", type=Path, default=Path("results/measure/doses"))
    given = parser.parse_args(arguments)
    given.to.mkdir(parents=True, exist_ok=True)
    sources = [*of_ptbxl(given.ptbxl), of_ludb(given.ludb)]
    lines, why = [], []
    for source in sources:
        print(source.name, len(source.ecgs), "ECGs at", FS_HZ, "Hz", flush=True)
        for dose in doses().values():
            wanted = dose.name in ON_STRIPS if source.ecgs.strips else dose.waves
            if not wanted or dose.kind not in ("time", "height") or not dose.on_recordings:
                continue
            for by in sorted({*dose.sizes, *MORE.get(dose.name, ())}):
                line, reasons = row_of(source, dose, by)
                if not line["possible"]:  # for exact ECGs or strips alone
                    continue
                lines.append(line)
                why += [
                    {"source": source.name, "dose": dose.name, "size": by, "reason": r, "ecgs": n}
                    for r, n in reasons.most_common()
                ]
    pd.DataFrame(lines).round(3).to_csv(given.to / "doses.csv", index=False)
    pd.DataFrame(why).to_csv(given.to / "reasons.csv", index=False)
    if len(found := delineations(sources[0].ecgs)):
        found.round(2).to_csv(given.to / "neurokit2.csv", index=False)


if __name__ == "__main__":
    main()
