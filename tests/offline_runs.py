"""Offline runs of Weights & Biases, read back as `wandb sync` would send them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class OfflineRun:
    """The records of one run, and the folder of its files."""

    files: Path
    records: list[dict[str, Any]] = field(repr=False)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each[kind] for each in self.records if each["type"] == kind]

    @property
    def about(self) -> dict[str, Any]:
        (run,) = self.of("run")
        return run

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        return [each["item"] for each in self.of("history")]

    @cached_property
    def panels(self) -> dict[str, str]:
        """Kind of each table, picture and page by its key."""
        every = {key: value for item in self.history for key, value in item.items()}
        return {k.removesuffix("._type"): v for k, v in every.items() if k.endswith("._type")}

    @cached_property
    def charts(self) -> dict[str, dict[str, Any]]:
        """Settings of each chart by its key."""
        start = "_wandb.visualize."
        return {
            key.removeprefix(start): value["panel_config"]
            for each in self.of("config")
            for key, value in each.get("update", {}).items()
            if key.startswith(start)
        }

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Values of the summary that are neither a panel nor W&B's own."""
        every = {k: v for each in self.of("summary") for k, v in each.get("update", {}).items()}
        return {
            key: value
            for key, value in every.items()
            if not key.startswith("_") and key.rpartition(".")[0] not in self.panels
        }

    @cached_property
    def artifacts(self) -> dict[str, dict[str, Any]]:
        """Artifacts by name, without those that W&B makes of tables."""
        return {each["name"]: each for each in self.of("artifact") if each["type"] != "run_table"}

    def table(self, key: str) -> dict[str, Any]:
        """Columns and data of a table; pictures are paths."""
        (path,) = (item[f"{key}.path"] for item in self.history if f"{key}.path" in item)
        return json.loads((self.files / path).read_text("utf-8"))


def read_run(folder: Path) -> OfflineRun:
    """The one offline run below a folder."""
    (path,) = folder.rglob("offline-run-*/run-*.wandb")
    words = [Path(sys.executable).with_name("wandb"), "leet", "inspect", "--json", path]
    environment = {**os.environ, "HOME": str(path.parent)}
    found = subprocess.run(words, capture_output=True, check=True, text=True, env=environment)
    records = [json.loads(line) for line in found.stdout.splitlines()]
    return OfflineRun(path.parent / "files", records)
