"""What clients ask for that is not here, and what they are told to do instead."""

from router.dialects.checks import clipped
from router.errors import ApiError

INSTEAD = {
    "/anthropic": "Leave /anthropic out of the base URL.",
    "/chat/completions": "Add /v1 to the base URL.",
    "/messages": "The path is /v1/messages, from the router's URL as the base URL.",
    "/responses": "Add /v1 to the base URL.",
    "/v1/complete": "Text Completions are not supported: use POST /v1/messages.",
    "/v1/completions": "Text completions are not supported: use POST /v1/chat/completions.",
    "/v1/files": "Files are not supported: put them into the message, as base64 or by their URL.",
    "/v1/messages/batches": (
        "Message batches are not supported: send each message by POST /v1/messages, as many at once "
        "as the limits allow."
    ),
    "/v1/skills": (
        "Skills are not supported, as Amazon Bedrock has no containers to run them in: put their "
        "instructions into the system prompt."
    ),
    "/v1/v1": "Leave /v1 out of the base URL.",
}
"""Paths, which stand for all below them too."""


def unknown_path(method: str, path: str) -> ApiError:
    """The 404 for a path that is not served."""
    told = f"There is no {clipped(method)} {clipped(path)} here."
    for beginning, instead in INSTEAD.items():
        if path == beginning or path.startswith(f"{beginning}/"):
            return ApiError("unknown_path", f"{told} {instead}")
    return ApiError("unknown_path", told)
