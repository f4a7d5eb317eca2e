"""Rooms and applications import a room, or a room within it, by its face, never a module inside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
APPS = sorted((SOURCE.parent / "apps").glob("*/ecglens_*"))


def imported(file: Path) -> Iterator[ast.ImportFrom]:
    """All `from … import …` of a file, those inside functions too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))


def absolute(node: ast.ImportFrom, file: Path) -> tuple[str, ...]:
    """Parts of a relative import's module, from the package's root."""
    package = file.relative_to(SOURCE).parts[:-1]
    below = node.module.split(".") if node.module else []
    return (*package[: len(package) + 1 - node.level], *below)


def face(room: Path) -> set[str]:
    """Public names of a room, a folder or one file: its `__all__`, and the rooms within it."""
    within = {folder.parent.name for folder in room.glob("*/__init__.py")}
    file = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
    if not file.is_file():
        return within
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return within | set(ast.literal_eval(node.value))
    return within | on_first_use(file)


def on_first_use(file: Path) -> set[str]:
    """Names that a face imports for type checkers, and loads on first use."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    blocks = (node for node in tree.body if isinstance(node, ast.If))
    nodes = (node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom))
    return {name.name for node in nodes for name in node.names}


def deep_imports() -> Iterator[str]:
    """File, module and name of each import that another room's face does not offer."""
    rooms = {folder.parent.name for folder in SOURCE.glob("*/__init__.py")}
    for file in SOURCE.glob("*/**/*.py"):
        own, *_ = file.relative_to(SOURCE).parts
        for node in imported(file):
            parts = absolute(node, file)
            if not parts or parts[0] == own or parts[0] not in rooms:
                continue
            hidden = {name.name for name in node.names} - face(SOURCE.joinpath(*parts))
            yield from (f"{file.relative_to(SOURCE)}: {'.'.join(parts)}.{name}" for name in hidden)


def test_a_room_imports_from_the_faces_of_others():
    assert not sorted(deep_imports())


def test_no_absolute_import_passes_the_faces_by():
    for file in SOURCE.rglob("*.py"):
        whole = [node.module for node in imported(file) if not node.level and node.module]
        assert not [name for name in whole if name.split(".")[0] == "ecglens"], file


@pytest.mark.heavy
@pytest.mark.parametrize("app", APPS, ids=lambda folder: folder.name)
def test_an_application_imports_from_the_faces_of_the_core(app):
    deep = []
    for file in app.rglob("*.py"):
        for node in imported(file):
            top, *parts = (node.module or "").split(".")
            if node.level or top != "ecglens":
                continue
            room = SOURCE.joinpath(*parts)
            # Modules beside the rooms, such as trust, are faces themselves.
            alone = len(parts) == 1 and room.with_suffix(".py").is_file()
            known = {each.name for each in node.names} if alone else face(room)
            hidden = {name.name for name in node.names} - known
            deep += [f"{file.relative_to(app)}: {node.module}.{name}" for name in sorted(hidden)]
    assert not deep
