"""Files as an attacker makes them. What they run leaves a file, so that a test sees it."""

import json
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from ecglens.eval import save_finding
from ecglens.registry import config_folder
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from ..eval.test_finding_files import made_finding

WEIGHTS = "data/weights/model_weights_config.json"


class Payload:
    """A pickle of it makes `file` when it is read."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> Any:
        return Path.touch, (self.file,)


class Mean(torch.nn.Module):
    """A network that any program may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(12, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, 12, time) to (batch, 1)."""
        return self.line(x.mean(2))


def program(path: Path, ran: Path) -> Path:
    """A file of torch.export whose weight is a pickle that makes `ran`."""
    sound = path.with_suffix(".sound.pt2")
    torch.export.save(torch.export.export(Mean().eval(), (torch.zeros(2, 12, 600),)), sound)
    with zipfile.ZipFile(sound) as given, zipfile.ZipFile(path, "w") as made:
        for name in given.namelist():
            content = given.read(name)
            if name.endswith(WEIGHTS):
                config = json.loads(content)
                config["config"]["line.weight"] |= {"use_pickle": True, "path_name": "weight_9"}
                content = json.dumps(config).encode()
            made.writestr(name.replace(sound.stem, path.stem), content)
        made.writestr(f"{path.stem}/data/weights/weight_9", pickle.dumps(Payload(ran)))
    sound.unlink()
    return path


def settings(*words: str) -> dict[str, Any]:
    """Settings of a job as a finding has them."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        found: Any = OmegaConf.to_container(compose("evaluate", [*words]), resolve=True)
    return {**found, "seeds": [0]}


def run(folder: Path, given: Mapping[str, Any]) -> Path:
    """Folder of a finished run whose finding names these settings."""
    finding = made_finding()
    fits = ({"fit": {"mae": 5.0}, "settings": given},)
    save_finding(
        replace(finding, about=replace(finding.about, fits=fits)), folder / "findings" / "default"
    )
    hydra = folder / ".hydra"
    hydra.mkdir()
    source = {"path": "/x", "provider": "main"}
    job = {"runtime": {"config_sources": [source]}, "job": {"config_name": "train"}}
    (hydra / "hydra.yaml").write_text(json.dumps({"hydra": job}))
    (hydra / "overrides.yaml").write_text("[]")
    (hydra / "config.yaml").write_text(json.dumps({"store": str(folder / "store")}))
    (folder / "report.html").write_text("")
    return folder
