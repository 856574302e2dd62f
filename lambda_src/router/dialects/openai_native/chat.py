"""A Chat Completions body as bedrock-runtime's own route takes it.

How its parts go together (which call a result answers, whether a schema is strict enough) is left to
Bedrock, which refuses in OpenAI's words and charges nothing.
"""

from collections.abc import Mapping

from router.dialects.checks import Json, invalid
from router.dialects.converse.draft import Draft
from router.dialects.openai_native import fitting
from router.dialects.openai_native.chat_shape import PARAMETERS
from router.dialects.parameters import dropped, only

LIMIT = "max_completion_tokens"

LEFT_OUT = {
    "logit_bias": only({}),
    "logprobs": only(False),
    "modalities": only(["text"]),
    "n": only(1),
    "store": dropped(bool, False),
    "top_logprobs": only(0),
}
"""What these models know only in name, and a store that chat completions on Bedrock have not."""


def write(draft: Draft, asked: Json, model_id: str, headers: Mapping[str, str]) -> None:  # noqa: ARG001
    """Writes the draft's body. Raises `ApiError` for what the route would refuse."""
    if asked.get("messages") is None:
        raise invalid("messages", "must be given")
    fitting.begin(draft, asked, PARAMETERS, model_id)
    body = draft.body
    fitting.leave_out(draft, LEFT_OUT)
    _leave_out_stop(draft)
    _move_limit(draft)
    if fitting.fit_effort(draft, body, "reasoning_effort"):
        fitting.fit_sampling(draft)
    _leave_out_choice(body)
    _ask_usage(body)


def _leave_out_stop(draft: Draft) -> None:
    if "stop" not in draft.family.sampling and draft.body.pop("stop", None):
        draft.changes.add("stop dropped")


def _move_limit(draft: Draft) -> None:
    """These models know the limit by its newer name only."""
    older = draft.body.pop("max_tokens", None)
    if older is not None:
        limit = draft.body.setdefault(LIMIT, older)
        draft.changes.add(
            "max_tokens sent as max_completion_tokens" if limit == older else "max_tokens dropped"
        )
    fitting.fit_limit(draft, LIMIT)


def _leave_out_choice(body: Json) -> None:
    """Takes out what is said of tools where there are none, which the route refuses."""
    if body.get("tools"):
        return
    if body.get("tool_choice", "auto") not in ("auto", "none"):
        raise invalid("tool_choice", "asks for a tool call, but there are no tools")
    for key in ("tools", "tool_choice", "parallel_tool_calls"):
        body.pop(key, None)


def _ask_usage(body: Json) -> None:
    """Has a stream end with its usage, which the call is charged by."""
    options = body.pop("stream_options", {})
    if body.get("stream"):
        body["stream_options"] = {**options, "include_usage": True}


def wants_usage(asked: Json) -> bool:
    """Whether the client itself wants a stream to end with its usage."""
    return bool((asked.get("stream_options") or {}).get("include_usage"))
