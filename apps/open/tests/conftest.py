"""A viewer of few exact ECGs and an untrained network, and its page without a server."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import ecglens
import httpx
import pytest
import torch
from ecglens.datamodules import EcgData, target_of
from ecglens.ecg import R_INDEX, V5
from ecglens.explain import find
from ecglens.store import Store
from ecglens_open.site import application
from ecglens_open.viewer import Viewer
from ecglens_sheets import KnownNetwork, Supported
from torch import nn

from tests.report.conftest import build

KEY = "a-key-of-this-page"
SHOWN = Supported("saliency", "It passed.", "beats the controls", 1, "", "24 ECGs")


class ReadsR(nn.Module):
    """PR as a tenth of the height of R in V5: each µV is 0.1 ms."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 0.1 * x[:, V5, [R_INDEX]]


@pytest.fixture(scope="session")
def ecgs(tmp_path_factory) -> EcgData:
    """Few exact median beats with their PR interval."""
    return ecglens.load_ecgs("exact", "pr", store=tmp_path_factory.mktemp("store"), n=24)


@pytest.fixture(scope="session")
def known(ecgs: EcgData) -> KnownNetwork:
    """A network that reads R, with invented errors and a map that they support."""
    finding = build(test=24, target=target_of("pr"))
    return KnownNetwork(ReadsR().eval(), finding, SHOWN, find("saliency"), ecgs, ecgs.store)


@pytest.fixture(scope="session")
def known_of_strips(known: KnownNetwork, tmp_path_factory) -> KnownNetwork:
    """The same network for strips; nothing is known of its training ECGs."""
    about = replace(known.finding.about, input="rhythm")
    finding = replace(known.finding, about=about)
    return replace(known, finding=finding, training=None, store=Store(tmp_path_factory.mktemp("s")))


@pytest.fixture
def viewer(known: KnownNetwork) -> Viewer:
    return Viewer(known)


@dataclass(frozen=True)
class Page:
    """The page of a viewer, asked without a server."""

    viewer: Viewer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        way = httpx.ASGITransport(application(self.viewer, KEY, "demo"))
        own = f"http://127.0.0.1:8000/{KEY}/"
        async with httpx.AsyncClient(transport=way, base_url=own, follow_redirects=True) as client:
            return await client.request(method, path, **more)


@pytest.fixture
def page(viewer: Viewer) -> Page:
    return Page(viewer)
