"""The filter and the block for templates.

    {{ answer | machine_generated(model="jamba-large") }}
    {% machine_generated model="jamba-large" %} … {% endmachine_generated %}

The block holds what the template itself renders, so its content is taken as HTML.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from widget_server.host import render


class MachineGenerated(Extension):
    """Registers the filter `machine_generated` and the block of the same name. Arguments are those of `render`."""

    tags = {"machine_generated"}  # noqa: RUF012 (as Jinja declares it)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters["machine_generated"] = render

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        arguments = []
        while parser.stream.current.type != "block_end":
            parser.stream.skip_if("comma")
            name = parser.stream.expect("name").value
            parser.stream.expect("assign")
            arguments.append(nodes.Keyword(name, parser.parse_expression()))
        body = parser.parse_statements(("name:endmachine_generated",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_render", [], arguments), [], [], body).set_lineno(line)

    def _render(self, caller: Callable[[], str], **arguments: Any) -> Markup:
        arguments.setdefault("format", "html")
        return render(str(caller()), **arguments)
