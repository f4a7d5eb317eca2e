"""The page in Chromium: at most four A4 pages, and nothing beside a phone's screen."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from ecglens_audit import audit
from ecglens_audit.maps import MOST
from playwright.sync_api import Browser

from .conftest import findings, write

pytestmark = pytest.mark.heavy


def test_the_page_prints_on_four_a4_and_fits_a_phone(browser: Browser, tmp_path: Path) -> None:
    names = ("saliency", "deeplift", *(f"method_{n}" for n in range(MOST)))
    found = {
        name: replace(each, about=replace(each.about, method_cites={}))
        for name, each in findings(names).items()
    }
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(audit(write(tmp_path / "run", found), tmp_path / "pack").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 4
    page.close()
