"""ECGs that the page can show: test ECGs of the run, and files that were dropped on it."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PureWindowsPath
from secrets import token_hex
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from ecglens.datamodules import Excluded
from ecglens.report import Pseudonyms
from ecglens.report.text import record_words, target_words
from ecglens.store import Store
from ecglens_measure import of_prepared
from ecglens_sheets import KnownNetwork, PreparedEcg, ecgs_of, open_files, sheet_of

from .shown import ShownEcg

CHOICES = 64  # test ECGs, as a data sheet has
MOST_KEPT = 32  # ECGs; a strip with its map takes half a megabyte
DROPPED = "the file"  # a file's name may be that of a patient
COLUMNS = "; here: start `ecglens open` with --set fs_hz=… --set unit=…"
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
LONGEST = 100  # characters of a file's name; file systems allow 255


class Viewer:
    """What the network of a run makes of one ECG at a time.

    Files are read by `reader` with `settings`, as `ecglens explain` reads them. ECGs are kept in
    memory alone. Several threads may ask at once.
    """

    def __init__(
        self, known: KnownNetwork, reader: str = "", settings: Mapping[str, Any] | None = None
    ) -> None:
        self._known, self._reader, self._settings = known, reader, settings or {}
        self._kept: OrderedDict[str, ShownEcg] = OrderedDict()
        self._lock = Lock()  # methods and edits set hooks and modes of the network

    @property
    def target(self) -> str:
        """Name of what the network reads."""
        return target_words(self._known.finding.about.target)

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """Test ECGs of the run by their key, as they are printed; none where it has no ECGs."""
        return {f"run-{place}": words for place, (_, words) in enumerate(self._of_run)}

    def shown(self, key: str) -> ShownEcg:
        """The ECG with this key; KeyError for one that there is not, or is kept no longer."""
        with self._lock:
            if key not in self._kept:
                if key not in self.choices:
                    raise KeyError(key)
                self._keep(key, self._opened(int(key.removeprefix("run-"))))
            self._kept.move_to_end(key)
            return self._kept[key]

    def changed(self, key: str, sizes: Mapping[str, float]) -> dict[str, Any]:
        """Reading of the ECG with this key after changes; errors as in `shown` and `ShownEcg`."""
        ecg = self.shown(key)
        with self._lock:
            return ecg.changed(sizes)

    def read(self, files: Mapping[str, bytes]) -> str:
        """Key of the ECG in these files, which are deleted again.

        Raises ValueError for anything but one ECG that can be read, as `ecglens explain` says it.
        """
        with TemporaryDirectory(prefix="ecglens-open-") as name, self._lock:
            folder = Path(name) / "files"
            folder.mkdir()
            paths = [folder / _safe(each) for each in files]
            if len({*paths}) < len(paths):
                raise ValueError("expected files of different names, got two that are nearly alike")
            for path, content in zip(paths, files.values(), strict=True):
                path.write_bytes(content)
            known = replace(self._known, store=Store(Path(name) / "store"))
            try:
                found = self._read(paths[0] if len(paths) == 1 else folder, known)
            except (ValueError, OSError, ImportError) as problem:
                said = str(problem).replace(f"{folder}/", "").replace(str(folder), "the files")
                raise ValueError(said + COLUMNS * ("data.fs_hz" in said)) from problem
            key = f"file-{token_hex(8)}"
            self._keep(key, found)
        return key

    def _read(self, path: Path, known: KnownNetwork) -> ShownEcg:
        given = open_files([path], self._reader, self._settings, known.reading)
        if (count := sum(len(each.records.reader) for each in given)) != 1:
            raise ValueError(
                f"expected the file of one ECG, got {count}; `ecglens explain` has a sheet for each"
            )
        (one,) = (each for each in given if len(each.records.reader))
        ((name, ecg),) = ecgs_of(one, known)
        if isinstance(ecg, Excluded):
            raise ValueError(f"expected an ECG that can be read, got one that cannot: {ecg.reason}")
        own = name if one.may_leave else DROPPED
        found = self._shown(ecg, own, one.records.name, one.records.reader.generated)
        _ = found.paper  # here a beat beyond the paper is the fault of its file
        return found

    @cached_property
    def _of_run(self) -> list[tuple[int, str]]:
        """Row of each test ECG among those that were prepared, and its words."""
        data = self._known.training
        if data is None:
            return []
        rows, source = data.cohort.parts["test"], data.records.name
        names = data.prepared.table["id"].iloc[rows].tolist()
        order = data.split.order(names)[:CHOICES]
        shown = names
        if not data.may_leave_machine:
            shown = Pseudonyms(self._known.store).all_of(source, names)
        facts = self._known.finding.facts
        return [(int(rows[at]), record_words(shown[at], facts)) for at in order]

    def _opened(self, place: int) -> ShownEcg:
        data, (row, words) = self._known.training, self._of_run[place]
        assert data is not None  # it has choices
        ecg = PreparedEcg(data.prepared, row, self._known.finding.about.target, data.records.reader)
        return self._shown(ecg, words, data.records.name, data.records.reader.generated)

    def _shown(self, ecg: PreparedEcg, name: str, reader: str, generated: bool) -> ShownEcg:
        # The page stays on this machine, so a measured age is on it.
        sheet = sheet_of(ecg, self._known, name, reader, may_leave=True)
        marked = of_prepared(ecg.prepared, "", [ecg.row], generated).ecgs
        return ShownEcg(sheet, marked, self._known)

    def _keep(self, key: str, found: ShownEcg) -> None:
        self._kept[key] = found
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


def _safe(name: str) -> str:
    """Last part of a file's name with plain characters alone, which keeps its ending."""
    last = UNSAFE.sub("_", PureWindowsPath(name).name)
    return last[-LONGEST:].lstrip(".") or "file"
