"""The filter and the block for templates.

    {{ answer | machine_generated(model="jamba-large") }}
    {% machine_generated model="jamba-large" %} … {% endmachine_generated %}

The block holds what the template itself renders, so its content is taken as HTML.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from markupsafe import Markup

from widget_server.host import render


class MachineGenerated(Extension):
    """Registers the filter `machine_generated` and the block of the same name. Arguments are those of `render`."""

    tags = {"machine_generated"}  # noqa: RUF012 (as Jinja declares it)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(machine_generated=None)  # `init_app` puts the application's settings there
        environment.filters["machine_generated"] = _filter

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
        return render(caller(), _settings=_settings(self.environment), **arguments)


@pass_context  # by the context, so that no constant text is rendered, and signed, when its template is compiled
def _filter(context: Context, text: Any, **arguments: Any) -> Markup:
    return render(text, _settings=_settings(context.environment), **arguments)


def _settings(environment: Environment) -> Mapping[str, str] | None:
    return environment.machine_generated  # type: ignore[attr-defined]
