"""Lists of the desk that grow with sites and people: a page at a time, each entry once."""

import re

import pytest

from tests.conftest import Clock, Desk
from widget_server.storage import connection, people, sites
from widget_server.storage.tables import Moderator


def through(desk: Desk, path: str, entry: str) -> list[list[str]]:
    """What each page of a list has, from the first to the last."""
    found, at = [], path
    while at:
        page = desk.get(at)
        assert page.status_code == 200, at
        found.append(re.findall(entry, page.text))
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        at = further[1] if further else ""
    return found


@pytest.mark.parametrize("path", ["/admin/sites", "/admin/viewers", "/admin/compliance", "/admin/prompts"])
def test_sites_are_shown_a_page_at_a_time(desk: Desk, clock: Clock, path: str) -> None:
    with connection():
        made = {sites.add(f"Site {number % 7}", [], at=clock()).key for number in range(sites.PAGE * 2 + 1)}
    pages = through(desk, path, r'<section class="card" aria-labelledby="site-(\w+)"')
    listed = [key for page in pages for key in page]
    assert [len(page) for page in pages] == [sites.PAGE, sites.PAGE, len(listed) - 2 * sites.PAGE]
    assert len(listed) == len(set(listed))
    assert made <= {*listed}
    assert "First page" in desk.get(f"{path}?after={listed[0]}").text


def test_people_are_listed_a_page_at_a_time(desk: Desk, clock: Clock) -> None:
    with connection():
        for number in range(people.PAGE + 1):
            Moderator.create(email=f"person{number:03}@mail.example", password_hash="", created_at=clock())
    pages = through(desk, "/admin/people", r'<th scope="row"><a href="/admin/people/(\d+)"')
    assert [len(page) for page in pages] == [people.PAGE, 2]
    assert len({number for page in pages for number in page}) == people.PAGE + 2
