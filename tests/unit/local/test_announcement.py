"""The snippets that are printed are whole, plain and ready to paste."""

import ast
import io
import json
import shlex
import sys
import tomllib

import pytest
from rich.console import Console

from local.announcement import announce, snippets
from local.stack import RunningStack

STACK = RunningStack(
    proxy_url="http://127.0.0.1:8787",
    console_url="http://127.0.0.1:8788",
    api_key="sk_m11_" + "x" * 62,
    admin_key="a" * 43,
    bedrock_url="http://127.0.0.1:9000",
    dynamodb_url="http://127.0.0.1:9001",
    secretsmanager_url="http://127.0.0.1:9001",
    table_name="Table",
    ca_bundle=None,
    pid=1,
    logs_dir="/run/stack/logs",
)
WITH_TLS = STACK._replace(proxy_url="https://127.0.0.1:8787", ca_bundle="/run/stack/ca.pem")


def printed(stack: RunningStack) -> str:
    out = io.StringIO()
    announce(stack, Console(file=out, width=40))
    return out.getvalue()


def shell_words(command: str) -> list[str]:
    return shlex.split(command.replace("\\\n", ""))


def test_everything_is_printed_unwrapped_and_without_colours() -> None:
    text = printed(STACK)
    for value in (
        STACK.proxy_url,
        STACK.api_key,
        STACK.console_url,
        STACK.admin_key,
        STACK.logs_dir,
    ):
        assert value in text
    for snippet in snippets(STACK):
        assert snippet.text in text
    assert "\x1b" not in text


def test_curl_snippet_is_one_shell_command_with_a_json_body() -> None:
    words = shell_words(snippets(STACK)[0].text)
    assert words[:3] == ["curl", "-N", "http://127.0.0.1:8787/v1/chat/completions"]
    assert f"authorization: Bearer {STACK.api_key}" in words
    assert json.loads(words[words.index("-d") + 1])["stream"] is True


def test_python_snippet_is_python() -> None:
    lines = snippets(STACK)[1].text.splitlines()
    assert (lines[0], lines[-1]) == (f"{sys.executable} - <<'END'", "END")
    ast.parse("\n".join(lines[1:-1]))


@pytest.mark.parametrize("position", range(4))
def test_every_snippet_trusts_the_stacks_own_authority(position: int) -> None:
    assert "/run/stack/ca.pem" in snippets(WITH_TLS)[position].text
    assert "ca.pem" not in snippets(STACK)[position].text


def test_claude_code_snippet_sets_its_variables_for_one_command() -> None:
    words = shell_words(snippets(WITH_TLS)[2].text)
    assert words[-1] == "claude"
    assert dict(word.split("=", 1) for word in words[:-1]) == {
        "ANTHROPIC_BASE_URL": WITH_TLS.proxy_url,
        "ANTHROPIC_AUTH_TOKEN": WITH_TLS.api_key,
        "NODE_EXTRA_CA_CERTS": WITH_TLS.ca_bundle,
    }


def test_codex_snippet_holds_a_provider_that_is_toml() -> None:
    words = shell_words(snippets(STACK)[3].text)
    provider = tomllib.loads(words[-1])["model_providers"]["bedrockrouter"]
    assert words[:2] == [f"BEDROCKROUTER_API_KEY={STACK.api_key}", "codex"]
    assert provider == {
        "name": "BedrockRouter",
        "base_url": f"{STACK.proxy_url}/v1",
        "env_key": "BEDROCKROUTER_API_KEY",
        "wire_api": "responses",
    }
