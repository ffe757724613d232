"""Whose address stands in a name, and when two addresses are one."""

import pytest

from widget_server.rules.accounts import account, is_named_in, is_same_person

ADA = "ada@news.example"


@pytest.mark.parametrize(
    "name",
    [
        ADA,
        " ADA@News.example ",
        "Ada Example <ada@news.example>",
        "Lovelace, Ada <ada@news.example>",
        "Lovelace,Ada<ada@news.example>",
        "Ada @ News <ada@news.example>",
        "Ada@News <ada@news.example>",
        "@Ada <ada@news.example>",
        "Ada [bot] <ada@news.example>",
        "Ada; Lovelace <ada@news.example>",
        "Ada <3 <ada@news.example>",
        "Ada <ada@news.example> <3",
        "Ada <The Countess> <ada@news.example>",
        "ada@news.example <Ada>",
        "ada@news.example (Ada)",
        "Ada (ada@news.example)",
        "Ada [ada@news.example]",
        '"Lovelace, Ada" <ada@news.example>',
        "'ada@news.example'",
        "“ada@news.example”",
        "«ada@news.example»",
        "mailto:ada@news.example?subject=Hello",
        "Ada &lt;ada@news.example&gt;",
        "Ada|ada@news.example",
        "Ada/ada@news.example",
        "Ada: ada@news.example, 2026.",
        "It was ada@news.example.",
        "ada@news.example's",
        "@ada@news.example",
        "Ada@ada@news.example",
        "bob@news.example, ada@news.example",
        "Bob <bob@news.example>; Ada <ada@news.example>",
        "Bob <bob@news.example> for Ada <ada@news.example>",
        "❤\ufe0fada@news.example❤\ufe0f",
        "\u2068ada@news.example\u2069",
        "\u200bada@news.example\u200b",
        "Ａｄａ　＜ａｄａ＠ｎｅｗｓ．ｅｘａｍｐｌｅ＞",
        "愛達（ada@news.example）",
        "Ⓐda <ⓐⓓⓐ@news.example>",
    ],
)
def test_somebody_is_known_by_their_address_wherever_it_stands(name: str) -> None:
    assert is_named_in(ADA, name)
    assert is_same_person(ADA, name)
    assert is_same_person("Ada <Ada@news.example>", name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "@",
        "ada@",
        "@news.example",
        "Ada @ News.example",
        "ada @news.example",
        "ada@shop.example",
        "bada@news.example",
        "b.ada@news.example",
        "b-ada@news.example",
        "b_ada@news.example",
        "_ada@news.example",
        "b+ada@news.example",
        "ada+b@news.example",
        "o'ada@news.example",
        "b&ada@news.example",
        "ada.b@news.example",
        "ådå@news.example",
        "a\u0308da@news.example",
        "ada@news.example.org",
        "ada@news.examples",
        "ada@news.example-b",
        "ada@news.example_b",
        "ada@news.exampl\u00e9",
        "ada@b.news.example",
        "Ada <bada@news.example>, news.example",
        "Lovelace, Ada <bob@news.example>",
    ],
)
def test_somebody_with_another_address_is_somebody_else(name: str) -> None:
    assert not is_named_in(ADA, name)
    assert not is_same_person(ADA, name)


GUEST = "ada_contoso.com#ext#@desk.example"
ODD = [
    "a,b@news.example",
    '"a"@news.example',
    "a@b@news.example",
    "नि@news.example",
    GUEST,
    "a!#$%*/=?^`{|}~b@x.example",
]


@pytest.mark.parametrize("address", ODD)
def test_an_odd_address_is_one_all_the_same(address: str) -> None:
    assert is_same_person(address, f"Ada <{address}>")
    assert is_same_person(address, address.upper())
    for name in ("Ada ({})", "{}, bot", "bot,{},bot", "bot for {}.", "mailto:{}?subject=Hello", "“{}”", "Ada@{}"):
        assert is_named_in(address, name.format(address))
    for name in ("b{}", "{}.org", "{}s"):
        assert not is_named_in(address, name.format(address))


@pytest.mark.parametrize("other", [f"{GUEST}, bot", f"bot for {GUEST}.", f"[{GUEST}]", f"bot;{GUEST}", GUEST.upper()])
def test_two_names_with_the_same_odd_address_are_of_one_person(other: str) -> None:
    assert is_same_person(f"Ada ({GUEST})", other)
    assert is_same_person(other, f"Ada ({GUEST})")
    assert not is_same_person(f"Ada (b{GUEST})", other)


def test_two_names_with_the_same_address_between_signs_are_of_one_person() -> None:
    assert is_same_person("“ada@news.example”", "mailto:ada@news.example?subject=Hello")


def test_the_second_of_two_that_are_alike_is_found() -> None:
    assert is_named_in(ADA, f"bada@news.example {ADA}")
    assert is_named_in("a@a@a", "ba@a@a@a")


def test_without_an_address_a_name_stands_for_somebody() -> None:
    assert is_same_person("The night desk", " the night desk ")
    assert not is_same_person("The night desk", "The desk")
    assert not is_same_person("", "")
    assert not is_same_person("desk", "The night desk")


def test_what_is_longer_than_any_address_is_cut_and_stays_too_long() -> None:
    longest = "a" * 254
    assert account(longest) == longest
    assert account(longest + "b" * 100_000) == longest + "b"
