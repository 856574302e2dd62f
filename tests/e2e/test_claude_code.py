"""Claude Code against the local stack, without a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ledger.money import from_usd

from tests.support.billing import billed_calls
from tests.support.claude_code import CLAUDE_CODE, MODES, environment
from tests.support.command_line import printed_events
from tests.support.media import PNG
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack


class Outcome(NamedTuple):
    """What ``claude --output-format stream-json`` tells of its work."""

    events: list[dict[str, Any]]

    def blocks(self, role: str, kind: str) -> list[dict[str, Any]]:
        """The blocks of a type in the turns of a role."""
        turns = [event["message"]["content"] for event in self.events if event["type"] == role]
        return [block for turn in turns for block in turn if block["type"] == kind]

    @property
    def last(self) -> dict[str, Any]:
        """The event that ends it."""
        return self.events[-1]

    @property
    def answer(self) -> str:
        """The last thing the agent said."""
        return str(self.last["result"])


Claude = Callable[..., Outcome]
"""Mode, prompt, options and further variables → what came of it."""


@pytest.fixture
def key(stack: LocalStack) -> dict[str, Any]:
    return stack.new_key(credit_limit_usd="100")


@pytest.fixture
def claude(stack: LocalStack, tmp_path: Path, workspace: Path, key: dict[str, Any]) -> Claude:
    def run(mode: str, prompt: str, *options: str, **more: str) -> Outcome:
        command = [str(CLAUDE_CODE), "-p", prompt, "--output-format", "stream-json", "--verbose"]
        variables = environment(mode, stack, key["key"], tmp_path / "home") | more
        allowed = ["--allowedTools", "Bash,Read"]
        return Outcome(printed_events([*command, *allowed, *options], workspace, variables))

    return run


def shell(command: str) -> dict[str, Any]:
    """An order to call the shell."""
    return {"tool": {"name": "Bash", "input": {"command": command, "description": "Read."}}}


def order_with_orders(**directive: Any) -> str:
    """An order in whose texts are orders for later."""
    hidden = json.dumps(directive).replace("<", "\\u003c")
    return f"<<sim {hidden}>>"


def used(outcome: Outcome) -> tuple[int, int]:
    """The tokens of the prompts and of the answers, as Claude Code has counted them."""
    usage = outcome.last["usage"]
    cached = usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]
    return usage["input_tokens"] + cached, usage["output_tokens"]


@pytest.mark.parametrize(
    ("mode", "model", "billed"),
    [
        ("messages", "opus", "us.anthropic.claude-opus-5-5"),
        ("messages", "claude-sonnet-5-5[1m]", "us.anthropic.claude-sonnet-5-5"),
        ("messages", "claude-haiku-4-5", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("messages", "nova-pro", "us.amazon.nova-pro-v1:0"),
        ("messages", "gpt-oss-120b", "openai.gpt-oss-120b-1:0"),
        ("messages", "llama-3.3-70b", "us.meta.llama3-3-70b-instruct-v1:0"),
        ("bedrock", "opus", "us.anthropic.claude-opus-5-5"),
        (
            "bedrock",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        ),
    ],
)
def test_a_task_takes_two_commands(
    stack: LocalStack,
    claude: Claude,
    workspace: Path,
    key: dict[str, Any],
    mode: str,
    model: str,
    billed: str,
) -> None:
    (workspace / "one.txt").write_text(
        f"Now two. {order(reasoning='Two it is.', **shell('cat two.txt > three.txt; cat two.txt'))}"
    )
    (workspace / "two.txt").write_text(f"That was it. {order(say='Both files are read.')}")
    asked = f"Read the files. {order(reasoning='A file is to be read.', **shell('cat one.txt'))}"
    with billed_calls(stack) as calls:
        outcome = claude(mode, asked, "--model", model)
    assert outcome.answer == "Both files are read.", outcome.last
    commands = outcome.blocks("assistant", "tool_use")
    results = outcome.blocks("user", "tool_result")
    assert [call["name"] for call in commands] == ["Bash", "Bash"]
    assert [result["is_error"] for result in results] == [False, False]
    assert (workspace / "three.txt").read_text() == (workspace / "two.txt").read_text()
    worked = [call["usage"] for call in calls[-3:]]
    assert [call["model"] for call in calls[-3:]] == [billed] * 3
    outputs = [usage["output"] for usage in worked]
    inputs = [sum(usage.values()) for usage in worked]
    assert used(outcome) == (sum(inputs) - sum(outputs), sum(outputs))
    account = stack.settled_account(key["id"])
    assert from_usd(account["spent_usd"]) == sum(call["picodollars"] for call in calls)


@pytest.mark.parametrize(
    ("mode", "model"),
    [
        ("messages", "opus"),
        ("messages", "claude-sonnet-4-6"),
        ("messages", "claude-haiku-4-5"),
        ("messages", "gpt-oss-120b"),
        ("bedrock", "opus"),
        ("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
    ],
)
def test_thinking_before_a_command_is_signed_and_taken_back(
    stack: LocalStack, claude: Claude, workspace: Path, mode: str, model: str
) -> None:
    (workspace / "one.txt").write_text(f"Read. {order(say='Done.', reasoning='All is read.')}")
    prompt = f"Read it. {order(reasoning='A file is to be read.', **shell('cat one.txt'))}"
    outcome = claude(mode, prompt, "--model", model)
    assert outcome.answer == "Done.", outcome.last
    thoughts = outcome.blocks("assistant", "thinking")
    assert len(thoughts) == 2
    assert all(thought["signature"] for thought in thoughts)


@pytest.mark.parametrize("mode", MODES)
def test_a_conversation_is_taken_up_again(claude: Claude, mode: str) -> None:
    first = claude(mode, f"Hi {order(say='Hello.')}")
    second = claude(mode, f"And? {order(say='Hello again.')}", "--continue")
    assert second.answer == "Hello again."
    assert second.last["session_id"] == first.last["session_id"]


@pytest.mark.parametrize("mode", MODES)
def test_an_image_is_read_by_a_tool(
    stack: LocalStack, claude: Claude, workspace: Path, mode: str
) -> None:
    picture = workspace / "pixel.png"
    picture.write_bytes(PNG)
    read = {"name": "Read", "input": {"file_path": str(picture)}}
    with billed_calls(stack) as calls:
        outcome = claude(mode, f"Look. {order(tool=read)}")
    (seen,) = outcome.blocks("user", "tool_result")
    assert [block["type"] for block in seen["content"]] == ["image"]
    assert outcome.last["subtype"] == "success"
    assert len(calls) >= 2


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-haiku-4-5"])
def test_another_agent_does_a_part(claude: Claude, workspace: Path, model: str) -> None:
    (workspace / "part.txt").write_text(f"Greet. {order(say='Hello from below.')}")
    part = {"description": "Greet", "prompt": order(**shell("cat part.txt"))}
    how = {"subagent_type": "general-purpose", "run_in_background": False}
    tool = {"name": "Agent", "input": part | how}
    outcome = claude("messages", f"Ask another. {order_with_orders(tool=tool)}", "--model", model)
    (asked,) = [call for call in outcome.blocks("assistant", "tool_use") if call["name"] == "Agent"]
    results = outcome.blocks("user", "tool_result")
    (told,) = [result for result in results if result["tool_use_id"] == asked["id"]]
    assert "Hello from below." in json.dumps(told["content"])


@pytest.mark.parametrize(
    ("model", "directive", "told"),
    [
        ("no-such-model", {}, "no-such-model"),
        ("claude-sonnet-5-5", {"status": 400}, "API Error: 400"),
        ("claude-sonnet-5-5", {"status": 503}, "API Error: 529"),
        ("claude-sonnet-5-5", {"throttle": 9, "id": "claude-code"}, "API Error"),
    ],
)
def test_a_failure_says_what_happened(
    claude: Claude, model: str, directive: dict[str, Any], told: str
) -> None:
    prompt = f"Hi {order(**directive)}"
    outcome = claude("messages", prompt, "--model", model, CLAUDE_CODE_MAX_RETRIES="0")
    assert outcome.last["is_error"]
    assert told in outcome.answer


@pytest.mark.parametrize(
    ("mode", "allowed", "model"),
    [
        ("messages", "claude-sonnet-5-5", "claude-sonnet-5-5"),
        ("bedrock", "claude-sonnet-5-5", "us.anthropic.claude-sonnet-5-5"),
    ],
)
def test_a_key_is_enough_that_may_call_one_model(
    stack: LocalStack, claude: Claude, key: dict[str, Any], mode: str, allowed: str, model: str
) -> None:
    terms = {"allowed_models": [allowed]}
    stack.console().patch(f"/api/keys/{key['id']}", json=terms).raise_for_status()
    with billed_calls(stack) as calls:
        outcome = claude(mode, f"Hi {order(say='Hello.')}", "--model", model)
    assert outcome.answer == "Hello.", outcome.last
    assert {call["model"] for call in calls} == {"us.anthropic.claude-sonnet-5-5"}


def test_a_search_of_the_web_is_told_to_be_none_of_bedrocks(claude: Claude) -> None:
    search = {"name": "WebSearch", "input": {"query": "weather in Rome"}}
    outcome = claude(
        "messages",
        f"Search. {order(tool=search)}",
        "--allowedTools",
        "WebSearch",
        CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1",
    )
    (told,) = outcome.blocks("user", "tool_result")
    assert told["is_error"]
    assert "web_search_20250305" in told["content"]
    assert outcome.last["subtype"] == "success"


def test_what_fills_the_context_is_counted_and_costs_nothing(
    stack: LocalStack, claude: Claude
) -> None:
    before = stack.bedrock_state()["requests"]
    with billed_calls(stack) as calls:
        outcome = claude("messages", "/context", "--model", "claude-haiku-4-5")
    assert "Tokens:" in outcome.answer
    assert stack.bedrock_state()["requests"] > before
    assert not calls
