"""Static reading of the package for the reference: names that a function shares with a module."""

from typing import Any

from griffe import Alias, Extension, Module


class FrontDoors(Extension):
    """A name that a room imports is what it imports, where a module in the room has that name too.

    At run time the import decides: ecglens.explain.attribute is the function of attribute.py. Read
    statically, the module would win.
    """

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Lead such names of the rooms to what they import."""
        shared = [
            (room, name, pkg[room.imports[name].removeprefix(f"{pkg.path}.")])
            for room in pkg.modules.values()
            for name in room.modules.keys() & room.imports.keys()
            if room.imports[name].startswith(f"{pkg.path}.")
        ]
        for room, name, imported in shared:
            room.set_member(name, Alias(name, imported, parent=room))
