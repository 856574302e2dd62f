"""Claude Code as package.json brings it, in a home of its own."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.support.stack import ROOT, LocalStack

CLAUDE_CODE = ROOT / "node_modules" / ".bin" / "claude"


def _messages(stack: LocalStack, key: str) -> dict[str, str]:
    return {"ANTHROPIC_BASE_URL": stack.proxy_url, "ANTHROPIC_AUTH_TOKEN": key}


def _bedrock(stack: LocalStack, key: str) -> dict[str, str]:
    return {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "ANTHROPIC_BEDROCK_BASE_URL": stack.proxy_url,
        "AWS_BEARER_TOKEN_BEDROCK": key,
        "AWS_REGION": "us-east-1",
    }


MODES: dict[str, Callable[[LocalStack, str], dict[str, str]]] = {
    "messages": _messages,
    "bedrock": _bedrock,
}
"""The variables that have it speak to the router, by the API that it then speaks."""


def environment(mode: str, stack: LocalStack, key: str, home: Path) -> dict[str, str]:
    """All its variables; what it keeps it keeps in `home`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        **MODES[mode](stack, key),
    }
