"""What the local stack prints when it is ready: where it is, and how clients are pointed at it."""

import sys
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from local.stack import RunningStack

EXAMPLE_MODEL = "claude-sonnet-5-5"


class Snippet(NamedTuple):
    """Text to paste into a shell. `title` says what it is for."""

    title: str
    text: str


def announce(stack: RunningStack, console: Console) -> None:
    """Print it all, unwrapped so that it can be pasted, and plain where there is no terminal."""
    for name, value in _facts(stack).items():
        line = Text(f"{name:<10}", style="bold").append(value, style="cyan")
        console.print(line, soft_wrap=True)
    for snippet in snippets(stack):
        console.print(Text(f"\n# {snippet.title}", style="bold green"), soft_wrap=True)
        console.print(Text(snippet.text), soft_wrap=True)
    console.print(Text("\nCtrl-C stops it all.", style="dim"), soft_wrap=True)


def snippets(stack: RunningStack) -> list[Snippet]:
    """A first request by curl, by the OpenAI SDK, by Claude Code and by Codex."""
    return [
        Snippet("curl", _curl(stack)),
        Snippet("Python, with the openai package", _python(stack)),
        Snippet("Claude Code", _claude_code(stack)),
        Snippet("Codex", _codex(stack)),
    ]


def _facts(stack: RunningStack) -> dict[str, str]:
    facts = {
        "URL": stack.proxy_url,
        "key": stack.api_key,
        "console": stack.console_url,
        "admin key": stack.admin_key,
        "Bedrock": stack.bedrock_url,
        "logs": stack.logs_dir,
    }
    return facts | ({"CA bundle": stack.ca_bundle} if stack.ca_bundle else {})


def _curl(stack: RunningStack) -> str:
    trust = f" --cacert {stack.ca_bundle}" if stack.ca_bundle else ""
    return f"""\
curl -N{trust} {stack.proxy_url}/v1/chat/completions \\
  -H 'authorization: Bearer {stack.api_key}' \\
  -H 'content-type: application/json' \\
  -d '{{"model": "{EXAMPLE_MODEL}", "stream": true, \
"messages": [{{"role": "user", "content": "Hello"}}]}}'"""


def _python(stack: RunningStack) -> str:
    variables = _variables(SSL_CERT_FILE=stack.ca_bundle)
    return f"""\
{variables}{sys.executable} - <<'END'
from openai import OpenAI

client = OpenAI(base_url="{stack.proxy_url}/v1", api_key="{stack.api_key}")
answer = client.chat.completions.create(
    model="{EXAMPLE_MODEL}", messages=[{{"role": "user", "content": "Hello"}}]
)
print(answer.choices[0].message.content)
END"""


def _claude_code(stack: RunningStack) -> str:
    variables = _variables(
        ANTHROPIC_BASE_URL=stack.proxy_url,
        ANTHROPIC_AUTH_TOKEN=stack.api_key,
        NODE_EXTRA_CA_CERTS=stack.ca_bundle,
    )
    return f"{variables}claude"


def _codex(stack: RunningStack) -> str:
    variables = _variables(BEDROCKROUTER_API_KEY=stack.api_key, SSL_CERT_FILE=stack.ca_bundle)
    return f"""\
{variables}codex -m {EXAMPLE_MODEL} -c model_provider=bedrockrouter \\
  -c 'model_providers.bedrockrouter={{name="BedrockRouter", base_url="{stack.proxy_url}/v1", \
env_key="BEDROCKROUTER_API_KEY", wire_api="responses"}}'"""


def _variables(**variables: str | None) -> str:
    """Set for the command that follows only, not for the rest of the shell's life."""
    return "".join(f"{name}={value} \\\n" for name, value in variables.items() if value)
