"""Prompts in Python sources: which strings are one, what of them is fixed, and where they stand."""

from textwrap import dedent

import pytest

from widget_server.rules.conversations import joined
from widget_server.rules.marking import fold_space
from widget_server.rules.pieces import Choice, Fixed, Pieces, Purse, Unreadable, Variable, texts
from widget_server.rules.python_prompts import find


def told(source: str) -> list[tuple[str, str]]:
    """What is found: its name and its fixed text."""
    return [(found.name, fold_space("".join(texts(found.pieces)))) for found in find(dedent(source))]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("PROMPT = 'Say {x} loudly'", [("PROMPT", "Say loudly")]),
        ("system = 'Be kind.'", [("system", "Be kind.")]),
        ("system_message: str = 'Be kind.'", [("system_message", "Be kind.")]),
        ("self.instructions = 'Be kind.'", [("instructions", "Be kind.")]),
        ("qa_template = 'Answer {q} now'", [("qa_template", "Answer now")]),
        ("summaryPrompt = 'Sum {x} up'", [("summaryPrompt", "Sum up")]),
        ("prompt = f'Sum {text} up, {n:>10}'", [("prompt", "Sum up,")]),
        ("prompt = f'{question}'", [("prompt", "")]),
        ("prompt = f'{{name}} is {name}'", [("prompt", "is")]),
        ('prompt = f\'JSON: {{"a": "{x}"}}\'', [("prompt", 'JSON: {"a": ""}')]),
        ("prompt = 'one ' 'two ' f'{x} three'", [("prompt", "one two three")]),
        ("prompt = 'one ' + x + ' two'", [("prompt", "one two")]),
        ("prompt = x + ' two'", [("prompt", "two")]),
        ("prompt = 'Sum %s up in %d words' % (a, b)", [("prompt", "Sum up in words")]),
        ("prompt = 'Speak {lang} to {user}'.format(lang='German', user=u)", [("prompt", "Speak German to")]),
        ("prompt = dedent('''\n  Say it\n''').strip()", [("prompt", "Say it")]),
        ("prompt = textwrap.dedent('Say it')", [("prompt", "Say it")]),
        ("prompt = string.Template('Dear $name, go')", [("prompt", "Dear , go")]),
        ("prompt = '\\n'.join(['Say it', f'to {x}', y])", [("prompt", "Say it to")]),
        ("prompt = 'Say it' if short else 'Say it at length'", [("prompt", "Say itSay it at length")]),
        ("prompt = f\"Say {'yes' if x else 'no'}\"", [("prompt", "Say yesno")]),
        ("PROMPTS = {'a': 'Say {x}', 'b': 'Be kind.'}", [("PROMPTS['a']", "Say"), ("PROMPTS['b']", "Be kind.")]),
        (
            "SYSTEM_PROMPTS = ['Be kind.', 'Be brief.']",
            [("SYSTEM_PROMPTS[0]", "Be kind."), ("SYSTEM_PROMPTS[1]", "Be brief.")],
        ),
        ("ask(prompt=f'Sum {x} up')", [("prompt", "Sum up")]),
        ("ask(q, system_prompt='Be kind.')", [("system_prompt", "Be kind.")]),
        ("post(url, json={'model': 'm', 'prompt': f'Sum {x} up'})", [("prompt", "Sum up")]),
        ("def ask(q, system='Be kind.', *, prompt='Go on {x}'): ...", [("system", "Be kind."), ("prompt", "Go on")]),
        ("def build_prompt(q):\n  return f'Q: {q}'", [("build_prompt", "Q:")]),
        ("@prompt_checked\ndef build(q):\n  return f'Q: {q}'", [("build", "Q:")]),
        ("@prompt_checked(custom_model='m')\nasync def build(q):\n  return f'Q: {q}'", [("build", "Q:")]),
    ],
)
def test_a_prompt_is_known_by_what_it_is_called(source: str, found: list) -> None:
    assert told(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "template = 'index.html'",
        "template = f'{folder}/{name}.html'",
        "template = 'https://a.example/{id}'",
        "prompt = f'{name}@{version}'",
        "system = 'linux'",
        "prompt = ''",
        "prompt = None",
        "prompt = load('a.txt')",
        "prompt_file = 'my prompts of today'",
        "prompt_tokens = 'many of them'",
        "template_name = 'A letter to {x}'",
        "text = 'Say {x} loudly'",
        "x = input(prompt='Your name, please: ')",
        "@click.option('--name', prompt='Your name, please')\ndef run(name): ...",
        "history.append({'role': 'user', 'content': q})",
        "prompt = 'Say {x} loudly'  # not a prompt",
        "# not a prompt\nprompt = '''Say {x}\nloudly'''",
        "prompt = prompt",
        "prompt = a\na = prompt",
    ],
)
def test_what_only_looks_like_one_is_left_alone(source: str) -> None:
    assert told(source) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("text = 'Say {x} loudly'  # prompt", "text"),
        ("text = '''Say {x}\nloudly'''  # prompt", "text"),
        ("# prompt\ntext = 'Say {x} loudly'", "text"),
        ("# widget-server: prompt\ntext = 'Say {x} loudly'", "text"),
        ("ask('Say {x} loudly')  # prompt", "argument"),
        ("def f(x):\n  return 'Say {x} loudly'  # Prompt", "return"),
        ("word = 'index.html {x}'  # prompt", "word"),
    ],
)
def test_a_comment_makes_it_one(source: str, name: str) -> None:
    assert [found.name for found in find(source)] == [name]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (
            "ask([{'role': 'system', 'content': 'Be kind.'}, {'role': 'user', 'content': f'Sum {x} up'}])",
            [("messages", "Be kind.")],
        ),
        ("ask(messages=[{'role': 'user', 'content': q}])", [("messages", "")]),
        ("ask(messages=[{'role': 'system', 'content': 'Be kind.'}] + history)", [("messages", "Be kind.")]),
        ("ask(messages=[{'role': 'system', 'content': 'Be kind.'}, *history])", [("messages", "Be kind.")]),
        (
            "m = [{'role': 'system', 'content': [{'type': 'text', 'text': 'See'}, {'type': 'image', 'x': 1}, ' it']}]",
            [("messages", "See it")],
        ),
        ("m = [{'role': 'model', 'parts': ['Hello {x}']}]", [("messages", "Hello")]),
        (
            "m = [SystemMessage(content='Be kind.'), HumanMessage(q), AIMessage('Yes.')]",
            [("messages", "Be kind. Yes.")],
        ),
        (
            "S = 'Be kind.'\nask(messages=[{'role': 'system', 'content': S}, {'role': 'user', 'content': q}])",
            [("messages", "Be kind.")],
        ),
        ("one = {'role': 'system', 'content': 'Be kind.'}\nask(messages=[one, two])", [("messages", "Be kind.")]),
        ("system_message = {'role': 'system', 'content': 'Be kind.'}", [("system_message", "Be kind.")]),
    ],
)
def test_lists_of_messages_are_prompts(source: str, found: list) -> None:
    assert told(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("PromptTemplate.from_template('Say {x} and {{y}}')", [("PromptTemplate.from_template", "Say and {y}")]),
        ("PromptTemplate(template='Say {x}', input_variables=['x'])", [("PromptTemplate", "Say")]),
        (
            "lc.prompts.PromptTemplate(template='Say {{ x }}, {y}', template_format='jinja2')",
            [("PromptTemplate", "Say , {y}")],
        ),
        (
            "p = PromptTemplate(template='Say {x} to {y}', partial_variables={'x': 'hi'})",
            [("PromptTemplate", "Say hi to")],
        ),
        (
            "ChatPromptTemplate.from_messages([('system', 'You are {x}.'), MessagesPlaceholder('h'), ('human', y)])",
            [("ChatPromptTemplate.from_messages", "You are .")],
        ),
        (
            "p = ChatPromptTemplate([('system', 'Be kind.'), ('placeholder', '{h}'), ('ai', 'Yes {x}')])",
            [("ChatPromptTemplate", "Be kind. Yes")],
        ),
        (
            """
            m = [SystemMessagePromptTemplate.from_template('Be {{x}}', template_format='mustache'), HumanMessage(y)]
            ChatPromptTemplate(messages=m)
            """,
            [("ChatPromptTemplate", "Be")],
        ),
        ("ChatPromptTemplate.from_template('Say {x}')", [("ChatPromptTemplate.from_template", "Say")]),
        (
            """
            E = [{'a': '1', 'b': '2'}, {'a': '3', 'b': '4'}]
            FewShotPromptTemplate(prefix='Add.', suffix='{q} is', examples=E, example_separator='; ',
             example_prompt=PromptTemplate.from_template('{a}={b}'))
            """,
            [("FewShotPromptTemplate", "Add.; 1=2; 3=4; is")],
        ),
        (
            "FewShotPromptTemplate(prefix='Add.', suffix='{q}', example_selector=s, example_prompt=p)",
            [("FewShotPromptTemplate", "Add.")],
        ),
    ],
)
def test_langchains_templates_are_prompts(source: str, found: list) -> None:
    assert told(source) == found


def test_a_text_that_is_part_of_a_prompt_is_none_by_itself() -> None:
    source = "TONE_PROMPT = 'Be kind.'\nprompt = f'{TONE_PROMPT} Answer {q}'\nask(prompt=prompt)"
    assert told(source) == [("prompt", "Be kind. Answer")]
    assert told("N = 7\nprompt = f'Say {N} words of {x}'") == [("prompt", "Say 7 words of")]


def test_a_system_prompt_belongs_to_what_is_asked() -> None:
    source = """
        S = 'Be kind.'
        c.create(system=S, messages=[{'role': 'user', 'content': q}])
        c.run(instructions='Go.', input=f'{q}')
    """
    assert told(source) == [("system", "Be kind."), ("instructions", "Go.")]


@pytest.mark.parametrize(
    ("source", "elsewhere"),
    [
        ("from a import SYSTEM\nask(messages=[{'role': 'system', 'content': SYSTEM}])", ("SYSTEM",)),
        ("ask(messages=[{'role': 'system', 'content': load()}])", ("load()",)),
        ("ask(system=texts.SYSTEM, messages=[{'role': 'user', 'content': q}])", ("texts.SYSTEM",)),
        ("prompt = f'{config.RULES} {q}'", ("config.RULES",)),
        ("prompt = RULES + ' ' + q", ("RULES",)),
        ("def f(system_prompt, q):\n  prompt = f'{system_prompt} {q}'", ("system_prompt",)),
        ("prompt = 'Say it.'\nprompt += more", ("prompt +=",)),
        ("prompt = f'{name} {q}'", ()),
    ],
)
def test_what_stands_elsewhere_is_named(source: str, elsewhere: tuple) -> None:
    assert [found.elsewhere for found in find(source)] == [elsewhere]


def test_a_prompt_that_cannot_be_read_says_why() -> None:
    assert "not closed" in find("prompt = 'Say {x and more'")[0].problem
    assert "Unexpected end" in find("ask(messages=[{'role': 'system', 'content': '{% if x %}'}])")[0].problem


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("prompt = 'Say {x}'", (1, 10, 1, 19)),
        ("\n\nприкл_prompt = 'Say {x}'", (3, 16, 3, 25)),
        ("a = '文😀'; prompt = '''Say\n{x}'''", (1, 20, 2, 7)),
        ("x = 1\r\nprompt = 'Say {x}'\r\n", (2, 10, 2, 19)),
        ("x = '\x0b\u2028'\nprompt = 'Say {x}'\n", (2, 10, 2, 19)),
    ],
)
def test_a_prompts_place_counts_characters_from_one(source: str, place: tuple) -> None:
    found = find(source)[0]
    assert (found.line, found.column, found.end_line, found.end_column) == place


@pytest.mark.parametrize("source", ["prompt = ", "\x00", "if x:\nprompt = 'a b'"])
def test_what_is_not_python_is_refused(source: str) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        find(source)


def test_a_module_costs_a_million_characters_and_ten_for_each_of_its_own() -> None:
    purse = Purse("x" * 7)
    purse.spend(1_000_070)
    with pytest.raises(ValueError, match="out of all proportion"):
        purse.spend(1)


@pytest.mark.parametrize(("bound", "most"), [({}, 10_000_000), ({"most": 1_000_000}, 1_000_000)])
def test_a_prompt_that_is_as_long_as_it_may_be_is_put_together_and_none_that_is_longer(
    bound: dict[str, int], most: int
) -> None:
    half = (Fixed("a" * (most // 2 - 11)),)
    joined([half, half], "..", **bound)
    with pytest.raises(Unreadable, match=f"more than {most:,} characters"):
        joined([half, half], "...", **bound)


@pytest.mark.parametrize("nested", [False, True])
def test_a_prompt_of_a_hundred_thousand_pieces_is_put_together_and_none_of_more(*, nested: bool) -> None:
    def made(number: int) -> Pieces:
        pieces = (Variable("a"),) * (number - nested)
        return (Choice((pieces,)),) if nested else pieces

    joined([made(100_000)], "", most=1_000_000)
    with pytest.raises(Unreadable, match="or 100,000 pieces"):
        joined([made(100_001)], "", most=1_000_000)


def test_a_chain_of_names_is_followed_for_fifty_of_them() -> None:
    assert [found.name for found in find(f"x = PromptTemplate{'.a' * 50}('short {{b}}')")] == [
        "PromptTemplate" + ".a" * 50
    ]
    assert find(f"x = PromptTemplate{'.a' * 51}('short {{b}}')") == []


def test_a_chain_of_calls_is_called_by_its_names_and_not_by_what_it_is_given() -> None:
    (found,) = find("x = lang.PromptTemplate(a)['b'].from_template('A. PromptTemplate of {c}')")
    assert found.name == "PromptTemplate().from_template"
    assert find("x = ask(PromptTemplate).about('short {a}')") == []


def test_columns_are_characters_however_many_bytes_they_have() -> None:
    (found,) = find("é = '𝄞'; x_prompt = 'short {é}'; b = 'é'")
    assert (found.column, found.end_column) == (21, 32)
