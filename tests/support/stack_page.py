"""Writes docs/stack.md from the constructs themselves, so that the page cannot tell another story."""

import inspect
import re
from typing import Any, NamedTuple

from stacks.acknowledgements import ACKNOWLEDGEMENTS
from stacks.constructs.alarms import Alarms
from stacks.constructs.console import Console
from stacks.constructs.cost_dashboard import CostDashboard
from stacks.constructs.key_store import KeyStore
from stacks.constructs.proxy import Proxy
from stacks.router_stack import BedrockRouterStack
from tests.support.cloudformation import Template

CONSTRUCTS: tuple[type, ...] = (
    BedrockRouterStack,
    KeyStore,
    Proxy,
    Console,
    CostDashboard,
    Alarms,
)

INTRODUCTION = """\
# The stack

`npx cdk deploy` deploys `BedrockRouterStack` as `app.py` makes it: pass it other props there. The
constructs it is made of can be used alone, in any CDK app.

This page is written by `pytest tests/stack --snapshot-update`.
"""


class Prop(NamedTuple):
    """One keyword of a construct; `omitted` tells what happens without it, None when it must be given."""

    name: str
    meaning: str
    omitted: str | None


def props(construct: type) -> list[Prop]:
    """The props of a construct, in the order of its docstring.

    Raises ValueError when docstring and signature name different props, or when the docstring does not
    tell what happens without one that may be left out.
    """
    documented = [prop_of(name, told) for name, told in arguments(construct)]
    parameters = keywords(construct)
    if {prop.name for prop in documented} != parameters.keys():
        raise ValueError(f"{construct.__name__} documents other props than it takes")
    for prop in documented:
        required = parameters[prop.name].default is inspect.Parameter.empty
        if required != (prop.omitted is None):
            raise ValueError(f"{construct.__name__}: what happens without {prop.name}?")
    return documented


def keywords(construct: Any) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(construct.__init__).parameters
    return {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def summary(construct: type) -> str:
    return str(inspect.getdoc(construct)).partition("Args:")[0].strip()


def arguments(construct: type) -> list[tuple[str, str]]:
    """Each name in the docstring's ``Args`` with what is told of it, on one line."""
    told = str(inspect.getdoc(construct)).partition("Args:")[2]
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", told, flags=re.MULTILINE)
    return [(name, " ".join(text.split())) for name, text in entries]


def prop_of(name: str, told: str) -> Prop:
    meaning, omitted, default = told.partition(" Omitted: ")
    return Prop(name, meaning, default if omitted else None)


def stack_page(template: Template) -> str:
    """The text of docs/stack.md."""
    sections = [INTRODUCTION]
    for construct in CONSTRUCTS:
        rows = [
            f"| `{name}` | {meaning} | {omitted or '(required)'} |"
            for name, meaning, omitted in props(construct)
        ]
        table = "\n".join(["| prop | meaning | when omitted |", "| --- | --- | --- |", *rows])
        sections.append(f"## {construct.__name__}\n{summary(construct)}\n\n{table}\n")
    parameters = "\n".join(
        f"| `{name}` | {parameter['Description']} | {parameter['Default'] or '(empty)'} |"
        for name, parameter in template["Parameters"].items()
    )
    sections.append(
        "## Parameters\n"
        "Whoever deploys the template may set these, with or without CDK.\n\n"
        f"| parameter | meaning | default |\n| --- | --- | --- |\n{parameters}\n"
    )
    outputs = "\n".join(
        f"| `{name}` | {output['Description']} |" for name, output in template["Outputs"].items()
    )
    sections.append(f"## Outputs\n| output | meaning |\n| --- | --- |\n{outputs}\n")
    findings = "\n".join(
        f"- `{path}`: {reason}\n" + "\n".join(f"  - `{finding}`" for finding in findings)
        for path, findings, reason in ACKNOWLEDGEMENTS
    )
    sections.append(
        "## Acknowledged findings\n"
        "cdk-nag's AwsSolutions rules find this, and nothing else. It stands, for the reason given.\n\n"
        f"{findings}\n"
    )
    return "\n".join(sections)
