"""The Codex CLI against the local stack, without a terminal."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.billing import billed_calls, billed_tokens
from tests.support.command_line import printed_events
from tests.support.media import PNG
from tests.support.node_client import node
from tests.support.simulated_bedrock import order
from tests.support.stack import ROOT, LocalStack

CODEX = ROOT / "node_modules" / "@openai" / "codex" / "bin" / "codex.js"

CONFIG = """
model_provider = "router"
check_for_update_on_startup = false

[model_providers.router]
name = "BedrockRouter"
base_url = "{url}/v1"
env_key = "ROUTER_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0

[analytics]
enabled = false
"""


class Outcome(NamedTuple):
    """What ``codex exec --json`` tells of its work."""

    events: list[dict[str, Any]]

    def items(self, kind: str) -> list[dict[str, Any]]:
        """The finished items of a type."""
        done = (event["item"] for event in self.events if event["type"] == "item.completed")
        return [item for item in done if item["type"] == kind]

    @property
    def answer(self) -> str:
        """The last thing the agent said."""
        return str(self.items("agent_message")[-1]["text"])

    @property
    def thread(self) -> str:
        """The id of the conversation."""
        (started,) = (event for event in self.events if event["type"] == "thread.started")
        return str(started["thread_id"])

    @property
    def last(self) -> dict[str, Any]:
        """The event that ends it."""
        return self.events[-1]


Codex = Callable[..., Outcome]
"""Model, prompt and options → what came of it."""


@pytest.fixture
def codex(stack: LocalStack, tmp_path: Path, workspace: Path) -> Codex:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(CONFIG.format(url=stack.proxy_url))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CODEX_HOME": str(home),
        "ROUTER_KEY": stack.new_key()["key"],
    }

    def run(model: str, prompt: str, *options: str) -> Outcome:
        command = [node(), str(CODEX), "exec", "--json", "--skip-git-repo-check"]
        unasked = ["--dangerously-bypass-approvals-and-sandbox", "-m", model]
        called = [*command, *unasked, *options, "--", prompt]
        return Outcome(printed_events(called, workspace, environment))

    return run


def shell(command: str) -> dict[str, Any]:
    """An order to call the shell."""
    return {"tool": {"name": "exec_command", "input": {"cmd": command}}}


@pytest.mark.parametrize(
    "model",
    [
        "claude-sonnet-5-5",
        "nova-pro",
        "gpt-oss-120b",
        "llama-3.3-70b",
        "us.openai.gpt-6.1-sol",
    ],
)
def test_a_task_takes_two_commands(
    stack: LocalStack, codex: Codex, workspace: Path, model: str
) -> None:
    (workspace / "one.txt").write_text(
        f"Now two. {order(**shell('cat two.txt > three.txt; cat two.txt'))}"
    )
    (workspace / "two.txt").write_text(f"That was it. {order(say='Both files are read.')}")
    with billed_calls(stack) as calls:
        outcome = codex(model, f"Read the files. {order(**shell('cat one.txt'))}")
    assert outcome.answer == "Both files are read."
    commands = outcome.items("command_execution")
    assert [command["exit_code"] for command in commands] == [0, 0]
    assert (workspace / "three.txt").read_text() == (workspace / "two.txt").read_text()
    assert len(calls) == 3
    assert outcome.last["type"] == "turn.completed"
    usage = outcome.last["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == billed_tokens(calls)


def test_reasoning_is_shown_and_carried_along(codex: Codex, workspace: Path) -> None:
    (workspace / "one.txt").write_text(f"Now two. {order(say='Done.', reasoning='All is read.')}")
    prompt = f"Read it. {order(reasoning='A file is to be read.', **shell('cat one.txt'))}"
    outcome = codex("claude-sonnet-4-6", prompt, "-c", "model_reasoning_effort=high")
    assert outcome.answer == "Done."
    thoughts = [item["text"] for item in outcome.items("reasoning")]
    assert thoughts == ["A file is to be read.", "All is read."]


def test_a_conversation_is_taken_up_again(codex: Codex) -> None:
    first = codex("claude-sonnet-5-5", f"Hi {order(say='Hello.')}")
    again = f"And? {order(say='Hello again.')}"
    second = codex("claude-sonnet-5-5", again, "resume", "--last")
    assert second.answer == "Hello again."
    assert second.thread == first.thread


def test_an_image_is_shown_by_the_user_and_by_a_tool(
    stack: LocalStack, codex: Codex, workspace: Path
) -> None:
    picture = workspace / "pixel.png"
    picture.write_bytes(PNG)
    prompt = f"Look. {order(tool={'name': 'view_image', 'input': {'path': str(picture)}})}"
    with billed_calls(stack) as calls:
        outcome = codex("claude-sonnet-5-5", prompt, "-i", str(picture))
    assert outcome.answer.startswith("The tool answered")
    assert len(calls) == 2


def test_a_tool_in_a_namespace_is_called_by_both_its_names(codex: Codex) -> None:
    close = {"name": "multi_agent_v1__close_agent", "input": {"target": "nobody"}}
    outcome = codex("claude-sonnet-5-5", f"Close it. {order(tool=close)}")
    assert "invalid agent id nobody" in outcome.answer


@pytest.mark.parametrize(
    ("model", "billed"),
    [
        pytest.param("gpt-6.1-sol", "us.openai.gpt-6.1-sol", id="itself"),
        pytest.param("gpt-6-luna", "us.anthropic.claude-sonnet-5-5", id="by alias"),
    ],
)
def test_a_model_that_codex_knows_runs_scripts(
    stack: LocalStack, codex: Codex, workspace: Path, model: str, billed: str
) -> None:
    def script(command: str) -> dict[str, Any]:
        told = f"text((await tools.exec_command({json.dumps({'cmd': command})})).output)"
        return {"tool": {"name": "exec", "input": {"input": told}}}

    (workspace / "one.txt").write_text(f"Now two. {order(**script('cat two.txt'))}")
    (workspace / "two.txt").write_text(f"That was it. {order(say='Both files are read.')}")
    with billed_calls(stack) as calls:
        outcome = codex(model, f"Read the files. {order(**script('cat one.txt'))}")
    assert outcome.answer == "Both files are read."
    assert [item["exit_code"] for item in outcome.items("command_execution")] == [0, 0]
    assert [call["model"] for call in calls] == [billed] * 3


def test_the_last_answer_follows_a_schema(codex: Codex, workspace: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"files": {"type": "integer"}},
        "required": ["files"],
        "additionalProperties": False,
    }
    (workspace / "schema.json").write_text(json.dumps(schema))
    outcome = codex("claude-sonnet-4-6", "How many?", "--output-schema", "schema.json")
    assert isinstance(json.loads(outcome.answer)["files"], int)


@pytest.mark.parametrize(
    ("model", "directive", "told"),
    [
        ("no-such-model", {}, "The provided model identifier is invalid."),
        ("nova-pro", {"words": 9, "exception": "throttlingException", "after": 3}, "Too many"),
    ],
)
def test_a_failure_says_what_happened(
    codex: Codex, model: str, directive: dict[str, Any], told: str
) -> None:
    outcome = codex(model, f"Hi {order(**directive)}")
    assert outcome.last["type"] == "turn.failed"
    assert told in outcome.last["error"]["message"]
