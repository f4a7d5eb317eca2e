"""Card and leaderboard in a browser: axe finds nothing, and nothing is asked for."""

import pytest
from ecglens_benchmark import write_card, write_leaderboard

from tests.axe import findings

from .test_card import CHEAT, full


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["card", "leaderboard"])
def test_axe_finds_nothing_on_a_page_with_warnings(browser, tmp_path, name, scheme) -> None:
    every = [full("mine", 3, checks=[CHEAT], sources=["chagas: (MIT)"]), full("saliency", 5)]
    if name == "card":
        path = write_card(every[0], every[1:], tmp_path)
    else:
        path = write_leaderboard(every, tmp_path)
    page = browser.new_page(color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert findings(page) == []
    assert asked == [path.as_uri()]
    page.close()
