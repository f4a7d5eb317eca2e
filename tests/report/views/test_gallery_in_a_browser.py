"""The gallery in a browser: cursor, waves, shares, choices, links, files, phones, grey."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from xml.etree import ElementTree

import numpy as np
import pytest
from ecglens.ecg import BIT, LEADS
from ecglens.eval import Finding, rank
from ecglens.report import write_report
from ecglens.report.figures.ecg import display_scale
from ecglens.report.style import style
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from ...axe import findings as of_axe
from ..conftest import build

SCREEN, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
KEY = "pr-median-default"
PAPERS = "all => all.map((each) => each.toDataURL())"
# Counts what is drawn on each layer from now on.
COUNT = """() => {
  window.drawn = { paper: 0, over: 0 };
  for (const name of ["fillRect", "stroke", "fillText", "clearRect"]) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      window.drawn["over" in this.canvas.dataset ? "over" : "paper"] += 1;
      return own.apply(this, given);
    };
  }
}"""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def finding() -> Finding:
    """Of its first three ECGs, the second is read worst."""
    found = deepcopy(build(gain=20.0, shown=3))
    (curves,) = found.curves
    for each in curves.predictions.values():
        each[:, 1, 0] += 40.0
    curves.gallery.heatmaps["saliency"][:] *= 100
    return found


@pytest.fixture(scope="module")
def address(finding: Finding, tmp_path_factory) -> str:
    return write_report([finding], tmp_path_factory.mktemp("report")).as_uri()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """Function that opens the gallery by its link; it may log nothing and ask for nothing."""
    said: list[str] = []
    pages: list[Page] = []

    def open_page(choices: str = "lead=", **options) -> Page:
        page = browser.new_page(**{"viewport": SCREEN, **options})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url))
        page.goto(f"{address}#{KEY}/maps?{choices}")
        page.wait_for_function("document.querySelector('[data-paper]').width > 300")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert {each.partition("#")[0] for each in said if not each.startswith("blob:")} == {address}


def control(page: Page, name: str) -> Locator:
    return page.locator(f"[data-gallery] [data-{name}]").first


def readout(page: Page) -> str:
    return control(page, "readout").inner_text().replace("−", "-")


def lead_map(finding: Finding, method: str, ecg: int, lead: str) -> np.ndarray:
    return finding.curves[0].gallery.heatmaps[method][ecg, LEADS.index(lead)].astype(float)


def names_of(page: Page) -> list[str]:
    """The methods that are offered, by their printed names."""
    return control(page, "first").locator("option").all_inner_texts()


def test_it_opens_on_the_best_method_and_offers_ecgs_read_badly_and_well(opened, finding) -> None:
    page, ranking = opened(), rank(finding)
    assert ranking.best
    assert names_of(page) == [style(name).label for name in ranking.names]
    chosen = control(page, "first").evaluate("each => each.selectedOptions[0].text")
    assert chosen == style(ranking.best).label
    ecgs = control(page, "ecg").locator("option").all_inner_texts()
    assert [", read worst of the first 16 (" in each for each in ecgs] == [False, True, False]
    assert sum(", read best of the first 16 (" in each for each in ecgs) == 1


def test_one_cursor_reads_both_maps_of_a_point(opened, finding) -> None:
    page = opened("lead=&second=deeplift&at=V5,-100&ecg=ecg-1")
    gallery = finding.curves[0].gallery
    said = re.match(
        r"V5 · -100 ms · (\S+) mV · P · Saliency (\S+)( or \w+)? \((\S+) % of full colour\)"
        r" · DeepLIFT (\S+)( or \w+)? \((\S+) % of full colour\) · difference (\S+) %",
        readout(page),
    )
    assert said, readout(page)
    assert float(said[1]) == pytest.approx(gallery.x[1, 10, 200] / 1000, abs=0.006)
    shares = []
    for method, value, clipped, share in (
        ("saliency", *said.group(2, 3, 4)),
        ("deeplift", *said.group(5, 6, 7)),
    ):
        scale = display_scale(gallery.heatmaps[method][1])
        wanted = np.clip(gallery.heatmaps[method][1, 10, 200] / scale, -1, 1)
        assert float(share) == pytest.approx(100 * wanted, abs=1)
        assert bool(clipped) == (abs(wanted) == 1)
        assert float(value) == pytest.approx(wanted * scale, abs=0.02 * scale)
        shares.append(wanted)
    assert float(said[8]) == pytest.approx(100 * np.clip(shares[0] - shares[1], -1, 1), abs=2)
    marks = page.locator("[data-over]").evaluate_all(
        "all => all.map((each) => each.getContext('2d').getImageData(0, 0, each.width, each.height)"
        ".data.some((value) => value > 0))"
    )
    assert marks == [True, True, True]


def test_a_point_beyond_the_scale_is_read_out_as_a_bound(opened, finding) -> None:
    heatmap = finding.curves[0].gallery.heatmaps["saliency"][1]
    scale = display_scale(heatmap)
    assert scale > 99.5
    for place, words in (
        (heatmap.argmax(), "{:.0f} or more"),
        (heatmap.argmin(), "-{:.0f} or less"),
    ):
        lead, sample = divmod(int(place), heatmap.shape[1])
        page = opened(f"lead=&second=&at={LEADS[lead]},{2 * (sample - 250)}&ecg=ecg-1")
        assert f"Saliency {words.format(scale)} (" in readout(page)


def test_a_pointer_move_redraws_the_cursor_alone(opened) -> None:
    page = opened()
    before = page.locator("[data-paper]").evaluate_all(PAPERS)
    page.evaluate(COUNT)
    box = page.locator("[data-over]").first.bounding_box()
    read = set()
    for move in range(40):
        page.mouse.move(box["x"] + 80 + 5 * move, box["y"] + 100)
        page.evaluate("new Promise(requestAnimationFrame)")
        read.add(readout(page))
    drawn = page.evaluate("window.drawn")
    assert len(read) > 20
    assert drawn["paper"] == 0
    assert 0 < drawn["over"] <= 40 * 3 * 2  # papers, and clearing and drawing a line
    assert page.locator("[data-paper]").evaluate_all(PAPERS) == before


def test_a_link_opens_the_same_view(opened) -> None:
    page = opened()
    control(page, "ecg").select_option(index=2)
    control(page, "second").select_option(label="Integrated gradients")
    control(page, "smooth").select_option("30")
    control(page, "hide").fill("40")
    page.wait_for_function("document.querySelector('[data-hidden]').textContent.startsWith('40 ')")
    control(page, "map").select_option("size")
    control(page, "waves").uncheck()
    control(page, "lead").select_option("V3")
    page.locator("[data-over]").first.click(position={"x": 200, "y": 60})
    page.evaluate("new Promise(requestAnimationFrame)")
    link = control(page, "link").get_attribute("href")
    assert page.evaluate("location.hash") == link
    assert link
    again = opened(link.partition("?")[2])
    assert readout(again) == readout(page)
    assert readout(again).startswith("V3 ")
    for name in ("ecg", "first", "second", "smooth", "hide", "map", "lead"):
        assert control(again, name).input_value() == control(page, name).input_value()
    assert not control(again, "waves").is_checked()
    layers = "[data-paper], [data-over]"
    assert again.locator(layers).evaluate_all(PAPERS) == page.locator(layers).evaluate_all(PAPERS)


def test_a_link_to_what_is_not_there_opens_what_there_is(opened) -> None:
    page = opened("ecg=gone&first=nobody&lead=V99&smooth=7&hide=x&at=V5,99999")
    assert control(page, "ecg").input_value() == "0"
    assert control(page, "lead").input_value() == ""
    assert readout(page) == "Point at a trace to read it."


def test_smoothing_is_the_mean_over_the_named_width(opened, finding) -> None:
    page = opened("lead=&second=&smooth=30&at=V5,-80")  # 15 samples at 500 Hz
    scale = display_scale(finding.curves[0].gallery.heatmaps["saliency"][0])
    values = np.clip(lead_map(finding, "saliency", 0, "V5"), -scale, scale)
    said = re.search(r"Saliency (\S+)( or more)? \(", readout(page))
    assert said
    assert not said[2]
    assert float(said[1]) == pytest.approx(values[203:218].mean(), abs=0.01 * scale)


def test_the_weakest_samples_are_hidden(opened) -> None:
    def coloured(page: Page) -> int:
        return page.locator("[data-paper]").first.evaluate(
            "each => { const { data } = each.getContext('2d').getImageData(0, 0, each.width,"
            " each.height); let count = 0; for (let i = 0; i < data.length; i += 4)"
            " count += data[i + 2] - data[i] > 8; return count; }"
        )

    whole, fewer, none = (
        coloured(opened(f"lead=V5&second=&waves=0&hide={n}")) for n in (0, 95, 99)
    )
    assert whole > 2 * fewer > 0
    assert fewer >= none


def test_shares_by_wave_and_lead_are_those_of_the_whole_map(opened, finding) -> None:
    page, gallery = opened("lead=&second=deeplift&ecg=ecg-2"), finding.curves[0].gallery
    mask = gallery.segments[2]
    waves, leads = (page.locator("[data-shares] table").nth(place) for place in (0, 1))

    def row(table: Locator, name: str) -> list[float]:
        cells = table.locator("tr", has=page.get_by_role("rowheader", name=name, exact=True))
        return [float(each.strip(" %")) for each in cells.locator("td").all_inner_texts()]

    sizes = [np.abs(gallery.heatmaps[name][2].astype(float)) for name in ("saliency", "deeplift")]
    for wave in ("P", "QRS"):
        inside = (mask & BIT[wave]) != 0
        wanted = [inside.mean(), *(each[:, inside].sum() / each.sum() for each in sizes)]
        assert row(waves, wave) == pytest.approx([100 * share for share in wanted], abs=0.51)
    wanted = [100 * each[10].sum() / each.sum() for each in sizes]
    assert row(leads, "V5") == pytest.approx(wanted, abs=0.06)
    assert waves.locator("tr", has_text="ST").locator("td").all_inner_texts()[1:] == ["–", "–"]


def test_keys_move_the_cursor_and_change_the_view(opened) -> None:
    page = opened("lead=&second=deeplift&at=V5,-80")
    paper = page.locator("[data-over]").first
    paper.focus()
    page.keyboard.press("ArrowRight")
    assert readout(page).startswith("V5 · -78 ms")
    page.keyboard.press("Shift+ArrowLeft")
    assert readout(page).startswith("V5 · -98 ms")
    page.keyboard.press("ArrowDown")
    assert not readout(page).startswith("V5")
    page.keyboard.press("x")
    assert re.search(r"mV.* DeepLIFT .* Saliency ", readout(page))
    page.keyboard.press("c")
    page.keyboard.press("e")
    assert control(page, "ecg").input_value() == "1"
    page.keyboard.press("l")
    assert control(page, "lead").input_value() != ""
    assert paper.evaluate("each => document.activeElement === each")


@pytest.mark.parametrize("width", [85, 180])
def test_the_view_is_saved_at_the_width_of_a_column(opened, tmp_path, width) -> None:
    page = opened("lead=V5&second=deeplift&at=V5,-80")
    control(page, "mm").select_option(str(width))
    for kind in ("svg", "png"):
        with page.expect_download() as waiting:
            control(page, kind).click()
        assert waiting.value.suggested_filename == f"ecg-0-saliency-deeplift-V5-{width}mm.{kind}"
        waiting.value.save_as(tmp_path / f"view.{kind}")
    svg = ElementTree.parse(tmp_path / "view.svg").getroot()
    assert svg.get("width") == f"{width}mm"
    texts = [each.text or "" for each in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a  Saliency", "b  DeepLIFT", "c  Difference", "V5"} <= {*texts}
    with Image.open(tmp_path / "view.png") as png:
        assert png.size[0] == round(width / 25.4 * 600)
        assert png.info["dpi"] == pytest.approx((600, 600), abs=0.1)


def test_a_finger_reads_a_point_and_nothing_is_wider_than_a_phone(opened) -> None:
    page = opened("first=saliency", viewport=PHONE, has_touch=True)
    assert control(page, "lead").input_value() != ""  # twelve leads of three maps are long
    page.locator("[data-over]").first.tap(position={"x": 200, "y": 60})
    page.wait_for_function("document.querySelector('[data-readout]').textContent.includes(' mV ')")
    page.wait_for_function("location.hash.includes('at=')")
    control(page, "lead").select_option("")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_gallery(opened, scheme) -> None:
    page = opened("lead=&at=V5,-80", color_scheme=scheme)
    assert of_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN["width"]


GREY = """(value) => {
  const data = JSON.parse(document.querySelector("[data-gallery] script").textContent);
  const pen = document.createElement("canvas").getContext("2d");
  pen.scale(10, 10);
  const map = { drawn: new Float32Array(200).fill(value), signed: true };
  const view = { data: { ...data, length: 200, width: 1 }, points: 200, map, finest: 0.1 };
  drawColour(pen, { left: 0 }, new Float64Array(200).fill(5), 0, view);
  const { data: pixels } = pen.getImageData(5, 50, 60, 1), lights = [];
  for (let i = 0; i < pixels.length; i += 4) {
    const [red, green, blue, opaque] = pixels.slice(i, i + 4);
    lights.push(255 - (opaque / 255) * (255 - (0.3 * red + 0.59 * green + 0.11 * blue)));
  }
  return [Math.min(...lights), Math.max(...lights)];
}"""


def test_in_grey_the_sign_of_a_map_is_seen(opened) -> None:
    """Full colour is striped below 0, and plain above."""
    page = opened("lead=V5&second=")
    (dark, also_dark), (line, between) = (page.evaluate(GREY, value) for value in (1, -1))
    assert also_dark - dark < 5
    assert between - line > 40
    assert line - dark > 40
