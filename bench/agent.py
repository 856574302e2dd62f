"""A coding agent's Messages request in the middle of its work, about 155 kB.

Of the size and kind that Claude Code sends: dozens of tools, a long system prompt, tool calls and
results, thinking, marks of caching.
"""

from typing import Any

HEADERS = {
    "anthropic-version": "2023-06-01",
    "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,"
    "context-management-2025-06-27,effort-2025-11-24",
}

_TOOLS = 36
_TURNS = 32
_SYSTEM = (
    "You are an agent that works on software. Read before you write, and say what you did.\n" * 250
)
_DESCRIPTION = "Does one thing well, and tells what went wrong where it does not. " * 14
_RESULT = "    1  A line of a file, as long as lines in a file tend to be, and no longer.\n" * 22
_MARK = {"type": "ephemeral"}
_SIGNATURE = "EqQBCkYIBxgCKkDs" * 20


def body(model: str, opening: str = "Go through the files.") -> dict[str, Any]:
    """The request's body; `opening` is what the user says first."""
    messages = [
        {"role": "user", "content": opening},
        *(message for number in range(_TURNS) for message in _turn(number)),
    ]
    messages[-1]["content"][-1]["cache_control"] = _MARK
    return {
        "model": model,
        "max_tokens": 32_000,
        "stream": True,
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2; cch=0aaa9;"},
            {"type": "text", "text": _SYSTEM, "cache_control": _MARK},
        ],
        "messages": messages,
        "tools": [_tool(number) for number in range(_TOOLS)],
        "metadata": {"user_id": '{"device_id":"0","session_id":"0"}'},
    }


def _turn(number: int) -> list[dict[str, Any]]:
    call_id = f"toolu_bdrk_{number:024}"
    arguments = {"file_path": f"/src/module_{number}.py", "limit": 22}
    return [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "", "signature": _SIGNATURE},
                {"type": "text", "text": "I read the next file."},
                {"type": "tool_use", "id": call_id, "name": "read_0", "input": arguments},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call_id, "content": _RESULT}],
        },
    ]


def _tool(number: int) -> dict[str, Any]:
    return {
        "name": f"read_{number}",
        "description": _DESCRIPTION,
        "input_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                name: {"type": "string", "description": f"The {name} of what is asked for."}
                for name in ("file_path", "pattern", "limit", "encoding")
            },
            "required": ["file_path"],
            "additionalProperties": False,
        },
    }
