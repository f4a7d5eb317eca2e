"""A small network, median beats of exact ECGs, and tables read back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ecglens.ecg import draw_exact, exact_beat
from ecglens.models import InUnits, SmallResNet
from ecglens_sheets import KnownNetwork
from ecglens_tables import network_of

ECGS = 23  # a prime: no number of parts or ECGs a batch divides it


@pytest.fixture(scope="session")
def net() -> InUnits:
    torch.manual_seed(0)
    return InUnits(SmallResNet(), y_mean=160.0, y_sd=20.0).eval()


@pytest.fixture(scope="session")
def known(net) -> KnownNetwork:
    return network_of(net, "pr")


@pytest.fixture(scope="session")
def beats() -> list[tuple[str, np.ndarray]]:
    """ECGs as (id, what the network reads)."""
    drawn = (exact_beat(draw_exact(seed=0, index=index)) for index in range(ECGS))
    return [(f"ecg {number}", beat.signal) for number, beat in enumerate(drawn)]


@pytest.fixture(scope="session")
def table() -> Callable[[Path], pd.DataFrame]:
    """The table in a folder, in the order of the ids."""

    def read(folder: Path) -> pd.DataFrame:
        return pd.read_parquet(folder).sort_values("id", ignore_index=True)

    return read
