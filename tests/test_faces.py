"""Rooms use each other by their faces: what a room's own __init__.py names."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
# Imports that reach past a face, as "room module"; a new one is a name that the face lacks.
KNOWN = set(Path(__file__).with_name("deep_imports.txt").read_text().splitlines())


def imported(file: Path) -> Iterator[ast.ImportFrom]:
    """All `from … import …` of a file, those inside functions too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))


def absolute(node: ast.ImportFrom, file: Path) -> tuple[str, ...]:
    """Parts of a relative import's module, from the package's root."""
    package = file.relative_to(SOURCE).parts[:-1]
    below = node.module.split(".") if node.module else []
    return (*package[: len(package) + 1 - node.level], *below)


def deep_imports() -> Iterator[str]:
    """Room and module of each import that another room's face does not offer."""
    rooms = {folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").is_file()}
    for file in SOURCE.glob("*/**/*.py"):
        own = file.relative_to(SOURCE).parts[0]
        for node in imported(file):
            room, *deeper = absolute(node, file) or ("",)
            if room == own or room not in rooms:
                continue
            face = import_module(f"ecglens.{room}").__all__
            if deeper:
                yield f"{own} {'.'.join([room, *deeper])}"
            else:
                yield from (f"{own} {room}.{n.name}" for n in node.names if n.name not in face)


def test_a_room_imports_from_the_faces_of_others():
    assert {*deep_imports()} <= KNOWN


def test_no_absolute_import_passes_the_faces_by():
    for file in SOURCE.rglob("*.py"):
        whole = [node.module for node in imported(file) if not node.level and node.module]
        assert not [name for name in whole if name.split(".")[0] == "ecglens"], file
