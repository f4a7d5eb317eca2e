"""One file for a network: its class by name, weights, input, target, and what is known of it.

The file is a zip archive without compression: manifest.json (format, version and the SHA-256 of
each other member), model.json, weights.safetensors, and texts in JSON. Reading it calls nothing.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..store import atomic_path, check_unpacked, parsed_json
from .units import InUnits
from .weights import check_names, safetensors, tensors_of

SUFFIX, FORMAT, VERSION = ".ecglens", "ecglens model", 1
MANIFEST, MODEL, WEIGHTS = "manifest.json", "model.json", "weights.safetensors"
# Parts of model.json; beside them the target, a name or settings.
KINDS = {
    "network": dict, "in_units": bool, "spec": dict, "input": str, "key": str, "licence": str
}  # fmt: skip
# Date of every member, so that equal content is an equal file.
MADE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class ModelFile:
    """Content of such a file.

    `network` has the class as `_target_` and its arguments; `in_units` says that it was fitted here
    and is within InUnits, whose buffers are among the `tensors`. `spec` has the settings of
    InputSpec, none where the network reads 12 leads in µV at 500 Hz. `target` and `input` are as
    for `explain --network`, `key` is models.network_key of the network, `texts` are further members
    by name, such as answer.json.
    """

    network: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    in_units: bool
    spec: Mapping[str, Any]
    target: str | Mapping[str, Any]
    input: str
    key: str
    licence: str
    texts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> "ModelFile":
        """Content of the file, whose checksums are right.

        Raises ValueError in one line for another, truncated, changed or newer file, and OSError for
        one that cannot be opened.
        """
        path = Path(path).expanduser()
        members = _members(path)
        model = _json(members.pop(MODEL, b"{}"), MODEL, path)
        kinds = {name: type(each) for name, each in model.items()}
        named = isinstance(model.get("network"), dict) and model["network"].get("_target_")
        of_target = kinds.pop("target", None) in (str, dict)
        if kinds != KINDS or not of_target or not isinstance(named, str) or WEIGHTS not in members:
            raise ValueError(
                f"expected in {path} a network as `ecglens export` writes it, got other parts"
            )
        tensors = tensors_of(members.pop(WEIGHTS), f"{path} ({WEIGHTS})")
        texts = {name: _json(content, name, path) for name, content in members.items()}
        return cls(**model, tensors=tensors, texts=texts)

    def write(self, path: str | Path) -> Path:
        """Write the file whole or not at all; its path. Equal content is an equal file."""
        model = {name: getattr(self, name) for name in (*KINDS, "target")}
        members = {
            MODEL: _text(model),
            WEIGHTS: safetensors(self.tensors),
            **{name: _text(content) for name, content in sorted(self.texts.items())},
        }
        hashes = {name: sha256(content).hexdigest() for name, content in members.items()}
        manifest = {"format": FORMAT, "version": VERSION, "sha256": hashes}
        path = Path(path).expanduser()
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for name, content in {MANIFEST: _text(manifest), **members}.items():
                archive.writestr(zipfile.ZipInfo(name, MADE), content)
        return path

    def around(self, net: nn.Module) -> nn.Module:
        """The network of this file from a fresh one of its class, in evaluation mode.

        It is to be adapted by the spec. Raises ValueError for weights of another network.
        """
        if self.in_units:
            sizes = [
                self.tensors[name].numel() for name in ("y_mean", "y_sd") if name in self.tensors
            ]
            net = InUnits(net, [0.0] * max(sizes, default=1), [1.0] * max(sizes, default=1))
        check_names(self.tensors, net.state_dict(), WEIGHTS)
        net.load_state_dict(dict(self.tensors))
        return net.eval()

    def settings(self, path: Path) -> dict[str, Any]:
        """Network, target and input as a yaml file of `explain --network` has them."""
        network = {
            **self.network,
            "weights": str(path),
            **({"input": self.spec} if self.spec else {}),
        }
        return {"network": network, "target": self.target, "input": self.input}


def is_model_file(path: str | Path) -> bool:
    """True for a file by the name of a model file."""
    return Path(path).suffix == SUFFIX


def _members(path: Path) -> dict[str, bytes]:
    """Members by name, each with the checksum that the manifest has, and no other."""
    if path.exists() and not path.is_file():
        raise ValueError(f"expected a file, got something else: {path}")
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError(
                f"expected a whole model file of `ecglens export`, got {path}, which is cut off or "
                "another file; copy it again"
            )
        check_unpacked(file, path)
        try:
            with zipfile.ZipFile(file) as archive:
                if any(each.compress_type != zipfile.ZIP_STORED for each in archive.infolist()):
                    raise ValueError(f"expected {path} without compression, got a packed member")
                names = [each.filename for each in archive.infolist()]
                members = {name: archive.read(name) for name in names}
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as problem:
            raise ValueError(f"expected a whole model file in {path}, got {problem}") from problem
    manifest = _json(members.pop(MANIFEST, b"{}"), MANIFEST, path)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"expected a model file of `ecglens export`, got another archive: {path}")
    if manifest.get("version") != VERSION:
        raise ValueError(
            f"expected a model file of version {VERSION} in {path}, got version "
            f"{manifest.get('version')!r}; a newer ECGLens wrote it"
        )
    hashes = manifest.get("sha256")
    if len(names) != len({*names}) or not isinstance(hashes, dict) or {*hashes} != {*members}:
        raise ValueError(f"expected in {path} the members that its manifest lists, got others")
    for name, content in members.items():
        if sha256(content).hexdigest() != hashes[name]:
            raise ValueError(
                f"expected {name} in {path} as it was exported, got a changed one; export it again"
            )
    return members


def _json(content: bytes, name: str, path: Path) -> dict[str, Any]:
    found = parsed_json(content, f"{name} of {path}")
    if not isinstance(found, dict):
        raise ValueError(f"expected names with values in {name} of {path}, got something else")
    return found


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False).encode()
