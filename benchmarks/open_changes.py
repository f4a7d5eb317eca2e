"""How long a slider of `ecglens open` takes: from its movement to the reading and the drawn beat.

    python -m benchmarks.open_changes RUN

Every slider of the first test ECG is moved to its twenty places on the right in Chromium, one after
the other; the page is asked, as a user does it, through the server of `ecglens open`.
"""

import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import uvicorn
from ecglens.engine import full_precision
from ecglens_open.site import application
from ecglens_open.viewer import Viewer
from ecglens_sheets import known_of, opened_run
from ecglens_study.web.server import config
from playwright.sync_api import sync_playwright

from .browser import on_path

MOVED = """async () => {
  const found = [], told = document.querySelectorAll("[data-moved], [data-refused]");
  for (const slider of document.querySelectorAll("input[type=range]")) {
    for (let place = 1; place <= 20; place++) {
      const answered = new Promise((done) => {
        const seen = new MutationObserver(() => {
          seen.disconnect();
          requestAnimationFrame(done);
        });
        for (const each of told) seen.observe(each, { childList: true });
      });
      const start = performance.now();
      slider.value = place * slider.step;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await answered;
      found.push(performance.now() - start);
    }
    slider.value = 0;
  }
  return found;
}"""


def main() -> None:
    """Print median, 95th percentile and maximum of the milliseconds a change."""
    with full_precision():
        viewer = Viewer(known_of(opened_run(Path(sys.argv[1]))))
        server = uvicorn.Server(config(application(viewer, "key", "run"), proxied=False))
        server.config.port = 0
        with closing(server.config.bind_socket()) as sock, sync_playwright() as playwright:
            thread = threading.Thread(target=server.run, args=([sock],))
            thread.start()
            browser = playwright.chromium.launch(executable_path=on_path(), args=["--no-sandbox"])
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{sock.getsockname()[1]}/key/")
            took = np.array(page.evaluate(MOVED))
            browser.close()
            server.should_exit = True
            thread.join()
    median, most = np.percentile(took, (50, 95))
    print(
        f"{len(took)} changes: median {median:.0f} ms, 95 % {most:.0f} ms, max {took.max():.0f} ms"
    )


if __name__ == "__main__":
    main()
