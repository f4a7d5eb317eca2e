"""The page in a browser: the canvas draws the maps and reads them out."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ecglens.eval import Finding
from ecglens.report import write_report

# Opens the heatmaps, points at V5, 80 ms before the R peak, then chooses the second method and the
# second ECG, and writes what it sees into the page.
PROBE = """
<pre id="probe"></pre>
<script>
const probe = document.querySelector("#probe"), full = document.querySelector("[data-full]");
const data = JSON.parse(document.querySelector("[data-gallery] script").textContent);
const cell = data.full.cells.find((c) => c.name === "V5");
full.closest("details").open = true;
function point(sample) {
  const box = full.getBoundingClientRect(), scale = box.width / data.full.width;
  full.dispatchEvent(new PointerEvent("pointermove", {
    clientX: box.left + (cell.left + sample * 0.05) * scale,
    clientY: box.top + cell.zero * scale }));
  probe.textContent += document.querySelector("[data-readout]").textContent + "\\n";
}
function hues() {
  const pixels = full.getContext("2d").getImageData(0, 0, full.width, full.height).data;
  let blue = 0, orange = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    blue += pixels[i + 2] - pixels[i] > 60; orange += pixels[i] - pixels[i + 2] > 60;
  }
  probe.textContent += `blue ${blue} orange ${orange}\\n`;
}
setTimeout(() => {
  point(210); hues();
  for (const name of ["method", "ecg"]) {
    const select = document.querySelector(`[data-${name}]`);
    select.value = 1; select.dispatchEvent(new Event("change"));
  }
  point(210);
}, 300);
</script></body>"""


@pytest.mark.heavy
def test_the_canvas_draws_and_reads_out_the_maps(
    make_finding: Callable[..., Finding], tmp_path: Path
) -> None:
    chromium = shutil.which("chromium")
    assert chromium, "expected chromium; on Debian: apt-get install chromium"
    finding = make_finding(shown=2)
    page = write_report([finding], tmp_path)
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE), encoding="utf-8")
    found = subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000"),
            *("--window-size=1200,900", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    dumped = re.search(r'<pre id="probe">(.*?)</pre>', found.stdout, re.DOTALL)
    assert dumped
    first, hues, second = dumped[1].replace("−", "-").strip().splitlines()
    gallery, names = finding.curves[0].gallery, list(finding.curves[0].gallery.heatmaps)
    for line, place in ((first, 0), (second, 1)):
        said = re.match(r"V5 · -80 ms · (\S+) mV · attribution (\S+)( or more)? \((\d+) %", line)
        assert said, line
        assert float(said[1]) == pytest.approx(gallery.x[place, 10, 210] / 1000, abs=0.006)
        value = float(gallery.heatmaps[names[place]][place, 10, 210])
        if not said[3]:
            assert float(said[2]) == pytest.approx(value, abs=0.06 * abs(value) + 0.02)
    numbers = re.fullmatch(r"blue (\d+) orange (\d+)", hues)
    assert numbers
    assert min(int(numbers[1]), int(numbers[2])) > 200
