"""A program in Linux namespaces of its own: no files but those it is given, no network, no others.

Run as a script (`python -I namespaces.py PLAN`), by the standard library alone. PLAN is JSON: paths
to show read-only, and the command. The program sees these paths at their places, an empty folder in
memory (OWN), and nothing else; it has no capability, and cannot name a process outside.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

# linux/sched.h, sys/mount.h, linux/mount.h, linux/prctl.h
NEW_MOUNTS, NEW_HOST, NEW_IPC, NEW_USERS, NEW_PIDS, NEW_NETWORK = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
NO_SETUID, NO_DEVICES, BIND, RECURSIVE, PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
DETACH = 2
READ_ONLY_ATTRIBUTES = 0x1 | NO_SETUID  # MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442  # everywhere; Linux 5.12
DIE_WITH_PARENT, DROP_FROM_BOUNDS, NO_NEW_PRIVILEGES = 1, 24, 38
CAPABILITIES, VERSION_3 = 64, 0x20080522

OWN = "/own"  # not /tmp, in which what is shown may lie
OWN_SIZE = "size=512m,mode=0700"
# Facts on the machine that numeric libraries choose their code by, and devices that hold nothing.
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


def main(words: Sequence[str]) -> None:
    """Run the command of a plan apart; the exit status is that of the program.

    Raises OSError where the machine does not give namespaces.
    """
    plan = json.loads(words[0])
    _enter()
    child = os.fork()
    if child:  # outside the new process ids: waits
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    _libc("prctl", DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    _new_root(Path(plan["root"]), [Path(each) for each in plan["paths"]])
    _drop_rights()
    command = plan["command"]
    os.execve(command[0], command, plan["environment"])


def _enter() -> None:
    """New namespaces, in which the user of before is the only one there is."""
    user, group = os.getuid(), os.getgid()
    _libc("unshare", NEW_USERS | NEW_MOUNTS | NEW_PIDS | NEW_NETWORK | NEW_IPC | NEW_HOST)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"0 {user} 1")
    (own / "gid_map").write_text(f"0 {group} 1")


def _new_root(root: Path, paths: Sequence[Path]) -> None:
    """Make `root` the root of all files: an empty folder in memory with `paths` shown in it."""
    _mount("none", Path("/"), "", RECURSIVE | PRIVATE)
    _mount("tmpfs", root, "tmpfs", NO_SETUID | NO_DEVICES, "size=16m,mode=0755")
    for path in paths:
        _show(path, root)
    for machine in map(Path, MACHINE):
        if machine.exists():
            _show(machine, root)
    for device in map(Path, DEVICES):
        _bound(device, root)
    own = root / OWN.strip("/")
    own.mkdir()
    _mount("tmpfs", own, "tmpfs", NO_SETUID | NO_DEVICES, OWN_SIZE)
    os.chdir(root)
    _syscall(PIVOT_ROOT[os.uname().machine], b".", b".")
    _libc("umount2", b".", DETACH)
    os.chdir(OWN)


def _show(path: Path, root: Path) -> None:
    """Show a file or folder read-only at its own place; a link stays a link."""
    place = root / path.relative_to("/")
    if place.exists() or place.is_symlink():
        return
    if path.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(path.readlink())
        return
    _bound(path, root)
    attributes = (ctypes.c_uint64 * 4)(READ_ONLY_ATTRIBUTES, 0, 0, 0)
    _syscall(
        MOUNT_SETATTR,
        AT_FDCWD,
        os.fsencode(place),
        AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.sizeof(attributes),
    )


def _bound(path: Path, root: Path) -> None:
    place = root / path.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    _mount(str(path), place, "", BIND | RECURSIVE)


def _drop_rights() -> None:
    """No capability, now or by a program that is run later."""
    for number in range(CAPABILITIES):
        if ctypes.CDLL(None).prctl(DROP_FROM_BOUNDS, number, 0, 0, 0):
            break  # above the last one that this kernel has
    _libc("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _libc("capset", ctypes.byref(header), ctypes.byref(none))


def _mount(source: str, target: Path, kind: str, flags: int, data: str = "") -> None:
    _libc(
        "mount",
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )


def _libc(name: str, *arguments: object) -> None:
    _checked(name, getattr(ctypes.CDLL(None, use_errno=True), name), *arguments)


def _syscall(number: int, *arguments: object) -> None:
    call = ctypes.CDLL(None, use_errno=True).syscall
    _checked(f"system call {number}", call, ctypes.c_long(number), *arguments)


def _checked(name: str, call: Callable[..., int], *arguments: object) -> None:
    if call(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
