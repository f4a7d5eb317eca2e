"""What the system refuses is one line that says what to do; Ctrl-C has the shell's status."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ecglens.jobs.command_line import one_line
from ecglens.store import Step, Store
from ecglens_compare import collect

TOO_SMALL = 2**18


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "make room"),
        (errno.EROFS, "can be written"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EEXIST, "a folder is wanted"),
        (errno.ENOTDIR, "a folder is wanted"),
    ],
)
def test_an_error_of_the_system_says_what_to_do(number: int, advice: str) -> None:
    said = one_line(OSError(number, os.strerror(number), "/there"))
    assert "/there" in said
    assert advice in said


def test_ctrl_c_has_the_shells_status_in_every_command(monkeypatch, capsys, tmp_path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(collect, "_collect", interrupted)
    monkeypatch.setattr(sys, "argv", ["ecglens collect", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        collect.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err.startswith("\nstopped")


@pytest.mark.heavy
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    (disk := tmp_path / "disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TOO_SMALL}", "tmpfs", disk], check=True)

    def build(part: Path) -> None:
        np.save(part / "x.npy", np.zeros(TOO_SMALL))

    try:
        with pytest.raises(OSError, match=r"No space left on device.*disk") as full:
            Store(disk).folder(Step("beats", 1), {}, build)
        assert "make room" in one_line(full.value)
    finally:
        subprocess.run(["umount", disk], check=True)
