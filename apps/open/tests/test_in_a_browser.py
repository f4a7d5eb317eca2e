"""The page in Chromium: a choice, a file that is dropped, a slider by the keyboard, a phone."""

from collections.abc import Iterator

import pytest
from ecglens_open.site import application
from ecglens_open.viewer import Viewer
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.axe import findings
from tests.served import served

from .conftest import KEY
from .test_page import RECORD

PHONE: ViewportSize = {"width": 390, "height": 844}
DROP = """([name, content]) => {
  const file = new DataTransfer();
  file.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name));
  dispatchEvent(new DragEvent("drop", { dataTransfer: file, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def address(viewer: Viewer) -> Iterator[str]:
    """Address of the page on a free port of this machine."""
    with served(application(viewer, KEY, "demo")) as own:
        yield f"{own}/{KEY}/"


def drawn(page: Page) -> str:
    """What the canvas shows."""
    return page.evaluate("() => document.querySelector('canvas').toDataURL()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_map_is_absolute_until_its_sign_is_asked_for(browser: Browser, address: str, scheme):
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    page.goto(address)
    button, strength = page.get_by_role("button", name="Sign"), page.get_by_text("weaker")
    absolute = drawn(page)
    assert strength.is_visible()
    page.keyboard.press("s")
    expect(button).to_have_attribute("aria-pressed", "true")
    signed = drawn(page)
    assert signed != absolute
    assert page.get_by_text("lowers", exact=False).first.is_visible()
    assert not strength.is_visible()
    assert findings(page) == []
    page.reload()
    assert drawn(page) == signed  # the next ECG looks like this one
    page.get_by_label("R", exact=True).press("PageUp")
    expect(button).to_be_hidden()  # a changed ECG has no map
    page.get_by_role("button", name="As it was").press("Enter")
    button.click()
    assert drawn(page) == absolute
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.evaluate("document.documentElement.classList.add('keyboard')")
    page.get_by_label("Use S as a shortcut").uncheck()
    page.keyboard.press("s")
    assert drawn(page) == absolute
    page.close()


def test_an_ecg_is_chosen_changed_and_replaced_by_a_file(browser: Browser, address: str):
    page = browser.new_page(viewport=PHONE)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.extend([asked.url][: not asked.url.startswith(address)]))
    page.goto(address)
    page.get_by_label("Test ECG of the run").select_option(index=1)
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**/?ecg=run-1")
    before = drawn(page)
    page.get_by_label("R", exact=True).press("PageUp")  # a tenth of 800 µV
    expect(page.get_by_role("status").first).to_contain_text("+8.0 ms by your changes")
    assert drawn(page) != before
    assert findings(page) == []
    page.get_by_role("button", name="As it was").press("Enter")
    expect(page.get_by_role("status").first).to_be_empty()
    assert drawn(page) == before
    page.locator("#file").set_input_files(RECORD)
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_role("heading", name="the file")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert wrong == []
    page.evaluate(DROP, ["photo.jpg", "/9j/"])
    expect(page.get_by_role("alert")).to_contain_text("got photo.jpg")
    assert findings(page) == []
    page.evaluate(DROP, ["long.npy", "A" * 4 * (16 * 1024**2 // 3 + 1)])
    expect(page.get_by_role("alert")).to_contain_text("Too large: expected the file of one ECG")
    page.close()
