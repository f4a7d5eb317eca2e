"""Where the yaml files are that Hydra and the registry of methods read."""

from pathlib import Path


def config_folder() -> Path:
    """Folder of the configurations: inside the package in a wheel, beside src/ otherwise."""
    package = Path(__file__).resolve().parent  # a linked src/ has no configs beside the link
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"
