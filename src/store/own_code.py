"""Hashes of code that is not ECGLens's own, which belongs to the key of what the code makes."""

import dis
import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, partial
from inspect import getattr_static
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from .atomic import sha256_of
from .settings import DIGITS

# The core, and the packages in apps/.
APPS = "audit benchmark compare export formats measure metrics open paper plan prepare relevance "
APPS += "reproductions sheets study tables zoo"
OURS = ("ecglens", *(f"ecglens_{name}" for name in APPS.split()))
MAIN = "__main__"
# Some objects make a new part at each reading, without end; the parts of no method are so many.
MOST_PARTS = 1_000_000
END = object()
NAMED = BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType  # written in C
# What Python or a decorator adds to a class, or changes while it is used.
ADDED = {
    *("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__annotations__"),
    *("__firstlineno__", "__static_attributes__", "__abstractmethods__", "_abc_impl"),
    *("__dataclass_fields__", "__dataclass_params__"),
}


def own_source(kind: type[Any]) -> dict[str, str]:
    """Settings with hashes of the code of a class; none for one of ECGLens.

    ECGLens raises the version of a class whose numbers change; whoever writes one of their own
    edits it and runs it again. A class is known by the file that it is written in, as that is when
    this is asked first and without what the file imports; one of a notebook, a script or a function
    by its code too (code_of), with lists, dicts and objects that the code reads.
    """
    if kind.__module__.split(".")[0] in OURS:
        return {}
    found = {"source": file} if (file := _file_of(kind)) else {}
    if found and kind.__module__ != MAIN and "<locals>" not in kind.__qualname__:
        return found
    return {**found, "code": _at_first(kind, code_of(kind, state=False))}


@cache
def _file_of(kind: type[Any]) -> str:
    """As it was when the class was asked for first."""
    return _of_file(kind.__module__)


def _of_file(module: str) -> str:
    path = _path(module)
    return sha256_of(path)[:DIGITS] if path and path.is_file() else ""


@cache
def _at_first(kind: type[Any], without_state: str) -> str:
    """Hash with state, which code may change while it runs; again when `without_state` changes."""
    del without_state
    return code_of(kind)


def code_of(*things: Any, state: bool = True) -> str:
    """Hash of functions and classes as they are now, and of the values that they read.

    Code counts as Python compiled it, without names of variables and comments. Functions and
    classes that it uses are followed, but for those of ECGLens, of Python and of installed
    packages; so are defaults, and values from outside a function but those that it assigns itself.
    Without `state` neither lists, dicts, sets nor attributes of objects count, which may change
    from call to call. Raises ValueError for a set within itself.
    """
    digest, seen = hashlib.sha256(), {}
    for thing in things:
        try:
            for part in _parts(thing, seen, state):
                digest.update(len(part).to_bytes(8) + part)
        except RecursionError as endless:
            raise ValueError(
                "expected sets of which none leads back to itself in what code of your own reads, "
                f"got one in {getattr(thing, '__qualname__', type(thing).__qualname__)}; use a "
                "list or a dict in its place"
            ) from endless
    return digest.hexdigest()[:DIGITS]


def is_own(module: str) -> bool:
    """True for code that is neither of ECGLens, of Python nor of an installed package."""
    if module == MAIN:  # also where Python was started as python -m package
        return True
    package = module.split(".")[0]
    if package in OURS or package in sys.stdlib_module_names:
        return False
    path = _path(module)
    return path is None or not {"site-packages", "dist-packages"} & {*path.parts}


def _path(module: str) -> Path | None:
    path = getattr(sys.modules.get(module), "__file__", None)
    return None if path is None else Path(path)


def _parts(thing: Any, seen: dict[int, tuple[int, Any]], state: bool) -> Iterator[bytes]:
    """What tells a thing from others, in pieces. `seen` keeps things alive, and so their ids."""
    waiting = [iter((thing,))]  # in place of recursion: objects may be a chain of any length
    while waiting:
        each = next(waiting[-1], END)
        if each is END:
            waiting.pop()
            continue
        if each is None or isinstance(each, bool | int | float | complex | str | bytes):
            yield repr(each).encode()
            continue
        yield type(each).__qualname__.encode()
        if not isinstance(each, CodeType | tuple | frozenset):  # equal ones may be one
            if id(each) in seen:
                yield str(seen[id(each)][0]).encode()
                continue
            seen[id(each)] = len(seen), each
            if len(seen) > MOST_PARTS:
                raise ValueError(
                    f"expected a method or network of at most {MOST_PARTS} parts, got more; "
                    "put its code into a file, which is read as text"
                )
        waiting.append(_within(each, state))


def _within(thing: Any, state: bool) -> Iterator[Any]:
    """What a thing is made of."""
    if isinstance(thing, CodeType):
        yield from (thing.co_code, *thing.co_names, *thing.co_consts)
    elif isinstance(thing, FunctionType):
        yield thing.__qualname__
        own = is_own(thing.__module__ or "")
        if own:
            yield from (thing.__code__, thing.__defaults__, _items(thing.__kwdefaults__ or {}))
        yield _items(_read(thing, thing.__globals__ if own else {}))
    elif isinstance(thing, type):
        yield f"{thing.__module__}.{thing.__qualname__}"
        if is_own(thing.__module__):
            yield thing.__bases__
            yield _items({name: each for name, each in vars(thing).items() if name not in ADDED})
    elif isinstance(thing, MethodType):
        yield from (thing.__func__, thing.__self__)
    elif isinstance(thing, staticmethod | classmethod):
        yield thing.__func__
    elif isinstance(thing, cached_property):
        yield thing.func
    elif isinstance(thing, property):
        yield from (thing.fget, thing.fset)
    elif isinstance(thing, partial):
        yield from (thing.func, thing.args, _items(thing.keywords))
    elif isinstance(thing, tuple | frozenset):
        yield from _items(thing)
    elif isinstance(thing, ModuleType):
        yield (thing.__name__, _of_file(thing.__name__) if is_own(thing.__name__) else "")
    elif hasattr(type(thing), "named_buffers"):  # a network
        yield getattr(thing, "code", None)  # of TorchScript and torch.fx
        modules = thing.named_modules()
        yield from ((name, _kind(each), each.extra_repr()) for name, each in modules)
        yield from (*thing.named_parameters(), *thing.named_buffers())
    elif _is_array(thing):
        yield from (str(thing.dtype), str(tuple(thing.shape)), _bytes(thing))
    else:
        yield from (type(thing), getattr_static(thing, "__wrapped__", None))
        if isinstance(thing, Mapping | list | set):
            yield _items(thing) if state else None
        elif isinstance(thing, NAMED):
            yield (str(getattr(thing, "__module__", "")), thing.__qualname__)
        elif is_own(type(thing).__module__) and hasattr(thing, "__dict__"):
            kept = vars(thing).items()
            yield _items({name: each for name, each in kept if state or _is_array(each)})
        elif state or type(thing).__hash__:  # what has no hash may change
            yield _printed(thing)


def _kind(module: Any) -> type[Any]:
    """Class of a module, or the one of torch in whose place a faster one of ours stands."""
    return vars(type(module)).get("stands_for", type(module))


def _printed(thing: Any) -> str:
    """What an object prints of itself, as a path or a number does; "" for an address."""
    try:
        text = repr(thing)
    except Exception:  # noqa: BLE001 - of a stranger's class
        return ""
    return "" if " at 0x" in text else text


def _items(held: Any) -> tuple[Any, ...]:
    """Content of a container; of a set in an order that every process has."""
    if isinstance(held, Mapping):
        return tuple(held.items())
    return tuple(sorted(held, key=code_of) if isinstance(held, set | frozenset) else held)


def _read(function: FunctionType, around: Mapping[str, Any]) -> dict[str, Any]:
    """Values that a function reads from outside, by name, but for those that it assigns.

    Those `around` are the values of its module.
    """
    named: dict[str, set[str]] = {"LOAD_GLOBAL": set(), "LOAD_NAME": set()}
    for code in _codes(function.__code__):
        for step in dis.get_instructions(code):
            named.setdefault(step.opname, set()).add(str(step.argval))
    assigned = named.get("STORE_DEREF", set()) | named.get("STORE_GLOBAL", set())
    names = sorted((named["LOAD_GLOBAL"] | named["LOAD_NAME"]) & {*around})
    found = {name: around[name] for name in names}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    return {name: each for name, each in found.items() if name not in assigned}


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those within it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def _is_array(thing: Any) -> bool:
    return hasattr(type(thing), "tolist") and hasattr(type(thing), "dtype")


def _bytes(array: Any) -> bytes:
    try:
        array = array.detach().cpu().numpy() if hasattr(array, "detach") else array
        return repr(array.tolist()).encode() if array.dtype.hasobject else array.tobytes()
    except (AttributeError, RuntimeError, TypeError):  # a column of a table; bfloat16; sparse
        return _printed(array).encode()
