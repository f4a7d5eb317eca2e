"""No response reveals to an expert's browser which method drew which map."""

from ecglens.report.style import style
from playwright.sync_api import Page, Response

from .conftest import fetched, to_vote
from .small_study import CATCH, METHODS

# "random" is an ordinary word and may occur; the names of the other controls may not.
SECRET = [*METHODS, *(style(name).label for name in METHODS), *CATCH[:1], "abs_x", "random 2"]


def test_no_answer_of_the_server_names_a_method_while_votes_are_given(open_page, small):
    page: Page = open_page(small)
    answers: list[Response] = []
    told: list[str] = []
    page.on("response", lambda answer: answers.append(answer))

    def heard() -> None:
        """Store every response; its body is available until the page is left."""
        page.wait_for_load_state("networkidle")
        for answer in answers:
            told.extend([answer.url, str(answer.headers)])
            if answer.status < 300:
                told.append(answer.body().decode("latin-1"))
        told.append(page.content())
        answers.clear()

    page.goto(f"{small.address}/enter/{small.storage.invite('ann')}")
    heard()
    small.storage.consent("ann")
    for path in ("help", "vote"):
        page.goto(f"{small.address}/{path}")
        heard()
    for key in "120":
        to_vote(page, key)
        heard()
    everything = "\n".join(told).lower()
    assert "/turn/3/drawings.bin" in everything
    assert [name for name in SECRET if name.lower() in everything] == []


def test_the_next_turn_is_asked_ahead(open_page, small, watched):
    page = open_page(small, "ann")
    fetched(page)
    ahead = [url for url in watched.asked if "/turn/2/" in url]
    assert len(ahead) == 1
    assert [url for url in watched.asked if "/turn/3/" in url] == []
    to_vote(page, "1")
    fetched(page)
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter((each) => each.name.includes('/turn/2/'))"
        ".map((each) => each.transferSize)"
    )
    assert sizes == [0]
