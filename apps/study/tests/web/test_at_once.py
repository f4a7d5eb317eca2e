"""Twenty experts at once: every vote is stored exactly once."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .conftest import csrf, vote

EXPERTS = 20


@pytest.mark.heavy
def test_twenty_experts_at_once_lose_and_double_nothing(serve):
    study = serve()
    links = {
        f"expert {number}": study.storage.invite(f"expert {number}") for number in range(EXPERTS)
    }
    turns = study.storage.progress("expert 0").total

    def finishes(expert: str) -> dict[int, int]:
        """Chosen position for each turn, each submitted twice, as by a double click."""
        chosen = {}
        with httpx.Client(base_url=study.address, timeout=60) as browser:
            assert browser.get(f"/enter/{links[expert]}").status_code == 303
            sent = {"csrf": csrf(study, browser), "agree": "yes"}
            assert browser.post("/consent", data=sent).status_code == 303
            for order in range(1, turns + 1):
                assert browser.get(f"/vote/{order}").status_code == 200
                chosen[order] = (order + len(expert)) % 5
                answers = [vote(study, browser, order, position=chosen[order]) for _ in range(2)]
                assert [answer.status_code for answer in answers] == [303, 303]
        return chosen

    with ThreadPoolExecutor(EXPERTS) as crowd:
        chosen = dict(zip(links, crowd.map(finishes, links), strict=True))
    assert len(study.counted()["votes"]) == EXPERTS * turns
    for expert, positions in chosen.items():
        votes = {order: study.storage.vote_on(expert, order) for order in positions}
        assert {order: vote and vote.position for order, vote in votes.items()} == positions


def test_one_form_sent_by_many_tabs_counts_once(serve, visit):
    study = serve()
    browser = visit(study, "ann")
    sent = {"csrf": csrf(study, browser)}
    cookie = {"cookie": f"session={browser.cookies['session']}"}

    def send(position: int) -> int:
        url, fields = f"{study.address}/vote/1", sent | {"position": str(position)}
        return httpx.post(url, data=fields, headers=cookie, timeout=60).status_code

    with ThreadPoolExecutor(8) as tabs:
        answers = [*tabs.map(send, [1, 2, 3, 4] * 2)]
    assert {*answers} == {303, 409}
    assert answers.count(303) == 2
    assert len(study.counted()["votes"]) == 1
