"""A Responses body as bedrock-runtime's own route takes it.

As in `router.dialects.openai_native.chat`, how its parts go together is left to Bedrock.

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html
"""

from collections.abc import Mapping

from router.dialects.checks import Json, invalid, type_of
from router.dialects.converse import guardrails
from router.dialects.converse.draft import Draft
from router.dialects.converse.replay import is_sealed
from router.dialects.openai_native import fitting
from router.dialects.openai_native.responses_shape import (
    ENCRYPTED_REASONING,
    PARAMETERS,
    item_type,
)
from router.dialects.openai_responses.request import withheld_tools
from router.dialects.parameters import dropped, only

LIMIT = "max_output_tokens"

LEFT_OUT = {
    "background": only(False, instead="wait for the answer, or stream it"),
    # Codex's own, about itself.
    "client_metadata": dropped(dict),
    "top_logprobs": only(0),
}


def refers_to_stored(body: Json) -> bool:
    """Whether the prompt is longer than the body by something that Bedrock has stored."""
    items = body.get("input")
    return "previous_response_id" in body or (
        isinstance(items, list) and any(item_type(item) == "item_reference" for item in items)
    )


def write(draft: Draft, asked: Json, model_id: str, headers: Mapping[str, str]) -> None:
    """Writes the draft's body. Raises `ApiError` for what the route would refuse or pass over."""
    if guardrails.passed_on(headers):
        raise invalid(guardrails.IDENTIFIER, "names a guardrail, which Responses do not heed")
    _withhold(draft, asked, withheld_tools(headers.get("originator", "")))
    fitting.begin(draft, asked, PARAMETERS, model_id)
    body = draft.body
    if "input" not in body and "previous_response_id" not in body:
        raise invalid("input", "must be given")
    fitting.leave_out(draft, LEFT_OUT)
    fitting.fit_limit(draft, LIMIT)
    _store_nothing_unasked(draft)
    reasoning = body.get("reasoning", {})
    _fit_summary(draft, reasoning)
    if fitting.fit_effort(draft, reasoning, "effort"):
        fitting.fit_sampling(draft)


def _withhold(draft: Draft, asked: Json, withheld: frozenset[str]) -> None:
    """Takes out the tools that the client offers whatever the model can do."""
    tools = asked.get("tools")
    if not isinstance(tools, list):
        return
    kept = [tool for tool in tools if type_of(tool) not in withheld]
    for kind in {type_of(tool) for tool in tools} & withheld:
        draft.changes.add(f"{kind} withheld")
    asked["tools"] = kept


def _store_nothing_unasked(draft: Draft) -> None:
    """Has Bedrock store a response only for clients that say so, and not by its own default.

    What a client would find in the store it gets in the answer instead: the reasoning, for it to send
    back. Reasoning that it cannot send back is left out, as the route would look for it in the store.
    """
    body = draft.body
    if body.get("store"):
        return
    if "store" not in body:
        draft.changes.add("store turned off")
        body["store"] = False
        include = body.setdefault("include", [])
        if ENCRYPTED_REASONING not in include:
            include.append(ENCRYPTED_REASONING)
    if isinstance(body.get("input"), list):
        body["input"] = [item for item in body["input"] if _is_replayable(draft, item)]
        if not body["input"]:
            raise invalid("input", "holds nothing but reasoning that cannot be sent back")


def _is_replayable(draft: Draft, item: Json) -> bool:
    if item.get("type") != "reasoning":
        return True
    if "encrypted_content" not in item:
        draft.changes.add("reasoning without encrypted_content dropped")
        return False
    if is_sealed(item["encrypted_content"]):
        draft.changes.add("reasoning of another model dropped")
        return False
    return True


def _fit_summary(draft: Draft, reasoning: Json) -> None:
    """These models hide their reasoning, and refuse to be asked for more than what they choose."""
    for key in ("summary", "generate_summary"):
        if reasoning.get(key, "auto") != "auto":
            draft.changes.add("reasoning summary treated as auto")
            reasoning[key] = "auto"
