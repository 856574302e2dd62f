"""One local stack per test process and kind, started when a test first asks for it."""

from collections.abc import Iterator
from pathlib import Path

import anthropic
import openai
import pytest

from tests.support.stack import LocalStack, running_stack

ALIAS, ALIASED = "gpt-5", "us.amazon.nova-lite-v1:0"
"""A name that a client may be stuck with, and the model that its owner has serve it."""

KNOWN_ALIAS, KNOWN_ALIASED = "gpt-6-luna", "us.anthropic.claude-sonnet-5-5"
"""The same with a name that changes how a client works: Codex gives the model it knows other tools."""

TEAM_ALIAS = "team-claude"
TEAM_PROFILE = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/simteam00003"
"""A name that an owner gives to a team, and the profile that its costs are tagged with."""


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    aliases = [
        f"{ALIAS}={ALIASED}",
        f"{KNOWN_ALIAS}={KNOWN_ALIASED}",
        f"{TEAM_ALIAS}={TEAM_PROFILE}",
    ]
    named = [option for alias in aliases for option in ("--alias", alias)]
    with running_stack("--max-concurrency", "64", *named) as running:
        yield running


@pytest.fixture(scope="session")
def tls_stack() -> Iterator[LocalStack]:
    with running_stack("--tls") as running:
        yield running


@pytest.fixture
def client(stack: LocalStack) -> Iterator[openai.OpenAI]:
    """OpenAI's SDK with a key of its own; what fails is seen at the first try."""
    with openai.OpenAI(
        base_url=f"{stack.proxy_url}/v1", api_key=stack.new_key()["key"], max_retries=0
    ) as client:
        yield client


@pytest.fixture
def messages_client(stack: LocalStack) -> Iterator[anthropic.Anthropic]:
    """Anthropic's SDK, likewise."""
    with anthropic.Anthropic(
        base_url=stack.proxy_url, api_key=stack.new_key()["key"], max_retries=0
    ) as client:
        yield client


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Where an agent works."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder
