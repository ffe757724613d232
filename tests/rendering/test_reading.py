"""What a person reads of a page."""

import time

import pytest

from widget_server.rendering.reading import MOST_CHARACTERS, MOST_MARKED, read

HTML = "text/html; charset=utf-8"


def words(page: str, content_type: str = HTML) -> str:
    return " ".join(read(page.encode(), content_type).body.split())


def test_what_nobody_reads_is_left_out() -> None:
    page = (
        "<!doctype html><head><title>T</title><style>b{}</style></head><body><script>let a</script>One <b>wo</b>rd"
        "<template shadowrootmode=open>label</template><noscript>n</noscript><p>two<br>three<svg><text>s</text></svg>"
    )
    assert words(page) == "One word two three"


@pytest.mark.parametrize(
    "element",
    [
        "<machine-generated>The <em>text</em>.</machine-generated>",
        "<article data-machine-generated>The <em>text</em>.</article>",
        '<li ai-disclosure="ai-autonomous"><div class="machine-label"></div>The <em>text</em>.</li>',
    ],
)
def test_each_marked_element_is_read_by_itself(element: str) -> None:
    found = read(f"<p>Before {element} after <machine-generated>Another.</machine-generated>".encode(), HTML)
    assert [one.strip() for one in found.marked] == ["The text.", "Another."]


def test_a_marked_element_in_a_marked_element_is_read_twice() -> None:
    found = read(b"<div data-machine-generated>a <b data-machine-generated>b</b> c</div> d", HTML)
    assert [one.strip() for one in found.marked] == ["a b c", "b"]


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        ("Größe".encode(), "text/html"),
        ("Größe".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="windows-1252">Größe'.encode("cp1252"), "text/html"),
        ("Größe".encode(), "text/html; charset=no-such"),
        *(("Größe".encode(), f"text/html; charset={no}") for no in ("hex", "idna", "punycode", "undefined", "zip")),
        ("Größe".encode("utf-16"), "text/html; charset=utf-16"),
        ("Größe".encode(), ""),
        ("Größe".encode(), "text/plain"),
    ],
)
def test_the_page_says_how_its_bytes_are_read(page: bytes, content_type: str) -> None:
    assert read(page, content_type).body.strip() == "Größe"


@pytest.mark.parametrize(
    "page", [b"", b"\xff\xfe", b"<", b"<p", b"</p></p>", b"<script>never closed", b"&#x110000;<!--"]
)
def test_broken_pages_are_read_as_far_as_they_go(page: bytes) -> None:
    assert isinstance(read(page, HTML).body, str)


def test_an_element_ends_with_what_stands_around_it() -> None:
    found = read(b"<div><p data-machine-generated>a <i>b</div> c<b></i> d</b><p ai-disclosure=x>e</b><script>f", HTML)
    assert [one.split() for one in found.marked] == [["a", "b"], ["e"]]
    assert found.body.split() == ["a", "b", "c", "d", "e"]


def test_elements_that_nobody_closes_hide_and_cost_nothing() -> None:
    found = read(("<p>x" * 2000 + "<b>" * 20_000 + "</i>" * 20_000 + "<script>s</script>end").encode(), HTML)
    assert found.body.split() == ["x"] * 2000 + ["end"]


def test_so_many_marked_elements_are_read_and_no_more() -> None:
    page = "".join(f"<machine-generated>{number}</machine-generated>" for number in range(MOST_MARKED + 5))
    found = read(page.encode(), HTML)
    assert [one.strip() for one in found.marked] == [str(number) for number in range(MOST_MARKED)]
    assert len(found.body.split()) == MOST_MARKED + 5


def test_of_marked_elements_in_marked_elements_a_bounded_part_is_kept() -> None:
    piece = "x" * (MOST_CHARACTERS // 10 - 100)
    found = read(("<b ai-disclosure=x>" * 20 + piece).encode(), HTML)
    assert [len(one) for one in found.marked] == [len(piece)] * 10
    assert found.body == piece


def test_a_small_page_of_marked_elements_in_one_another_is_not_compared_as_millions_of_characters() -> None:
    found = read(("<b ai-disclosure=x>" * 1_000 + "a " * 5_000).encode(), HTML)
    assert [len(one) for one in found.marked] == [10_000] * 40


def test_all_marked_texts_of_a_long_page_are_read() -> None:
    page = "".join(f"<p ai-disclosure=x>{number} {'word ' * 190}</p>" for number in range(400))
    assert len(read(page.encode(), HTML).marked) == 400


@pytest.mark.parametrize("kind", [HTML, "text/plain"])
def test_marks_that_are_piled_up_are_all_read(kind: str) -> None:
    page = "<p ai-disclosure=x>a" + "<b>&#x345;</b>" * 999 if kind == HTML else "a" + "\u0345" * 999
    found = read(page.encode(), kind)
    assert {text.strip() for text in (found.body, *found.marked)} == {"a" + "\u0345" * 999}


@pytest.mark.parametrize(
    "piece",
    [
        *("<a ", "</a ", '<a b="', "<a b='>", "<!--", "<!", "<!-- --!", "</", "&#", "&#9", "&a", "<", " a=b"),
        *("<b>", "<div>", "<b><p>", "<b></i>", "<script>", "<noscript>", "<title></", "<b ai-disclosure>"),
    ],
)
@pytest.mark.parametrize("before", ["", "<x "])
def test_no_page_costs_much_more_than_an_ordinary_one_of_its_length(before: str, piece: str) -> None:
    def cost(page: str) -> float:
        costs = []
        for _ in range(3):
            began = time.thread_time()
            read(page[:30_000].encode(), HTML)
            costs.append(time.thread_time() - began)
        return min(costs)

    assert cost(before + piece * 15_000) < 10 * cost("<p>a" * 15_000)


@pytest.mark.parametrize(
    ("page", "seen"),
    [
        ("a <b title='>'>b</b><i data-x=\"<p>\">c</i> d", "a bc d"),
        ("a<!-- > <b>x</b> -->b<!-->c<!--->d<!x>e<?y>f</>g</ z>h<!-- x --!>i", "abcdefghi"),
        ("1 < 2 & 3 <4 &lt;p&gt; &amp;amp; &#65;&#x42;&#000000000067; &copy", "1 < 2 & 3 <4 <p> &amp; ABC ©"),
        ("a &#" + "9" * 10_000 + "; b", "a \ufffd b"),
        ("a<script>if (a<b) '</p>'</SCRIPT >b<svg><title/></svg>c<textarea>&lt;<b></textarea>", "a b c <<b>"),
        ("a<br/>b<p/>c<p a = 'b'c=d/>e<b =x>f</b x='>'>g", "a b c efg"),
        ("a <b", "a"),
        ("a <b title='>c</b>", "a"),
        ("a <!-- b", "a"),
        ("a <!b", "a"),
        ("a <", "a <"),
    ],
)
def test_a_page_is_read_as_browsers_read_it(page: str, seen: str) -> None:
    assert words(page) == seen
