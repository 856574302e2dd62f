"""The parameters that both routes have: what each may be, and how it is fitted to the model.

What models on Bedrock make of them was measured in
https://github.com/aws-samples/sample-per-model-bedrock/blob/main/01-openai-gpt/01-responses-api-core.ipynb
("Things that differ") and ``11-xai-grok/03-grok-4-7.ipynb`` there.
"""

import string as characters
from collections.abc import Mapping

from router.dialects.checks import MAX_INTEGER, Json, clipped, invalid
from router.dialects.converse import media
from router.dialects.converse.draft import Draft, Remote
from router.dialects.converse.reasoning import EFFORTS, nearest_effort
from router.dialects.converse.sampling import tell_dropped
from router.dialects.openai import SERVICE_TIERS
from router.dialects.openai_native.schema import (
    Check,
    flag,
    longest,
    matching,
    name,
    number,
    object_of,
    one_of,
    string,
    text_object,
    whole,
)
from router.dialects.parameters import Parameter, check_parameters
from router.fetching import Fetched

SAMPLING = ("temperature", "top_p", "frequency_penalty", "presence_penalty")

SAMPLED_WHILE_REASONING = {"grok": frozenset({"temperature", "top_p"})}
"""The parameters of `SAMPLING` that a family takes on these routes while it reasons, as most take
none. Over Converse that differs: there `Family.sampling` tells."""

TOOL_NAME = matching(frozenset(characters.ascii_letters + characters.digits + "_-"), 64)

TOKENS = whole(1, MAX_INTEGER)

EFFORT = one_of(*EFFORTS)

VERBOSITY = one_of("low", "medium", "high")

_CACHING = one_of("implicit", "explicit")

BREAKPOINT = object_of({}, {"mode": _CACHING})

PARAMETERS: dict[str, Check] = {
    "metadata": text_object,
    "model": name,
    "parallel_tool_calls": flag,
    "prompt_cache_key": longest(64),
    "prompt_cache_options": object_of({}, {"mode": _CACHING, "ttl": one_of("30m")}),
    "prompt_cache_retention": one_of("in_memory", "24h"),
    "safety_identifier": longest(64),
    "service_tier": one_of(*SERVICE_TIERS),
    "store": flag,
    "stream": flag,
    "temperature": number(0, 2),
    "top_logprobs": whole(0, 20),
    "top_p": number(0, 1),
    "user": string,
}


def begin(draft: Draft, asked: Json, known: Mapping[str, Check], model_id: str) -> None:
    """Begins the draft's body as the client's, each parameter held to its row in `known`.

    Raises `ApiError` for a parameter that the route would refuse.
    """
    draft.body = {key: value for key, value in asked.items() if value is not None}
    for key, value in draft.body.items():
        if key not in known:
            raise invalid(clipped(key), "is not supported")
        known[key](value, key, draft)
    draft.body["model"] = model_id


def fit_image(holder: Json, key: str, where: str, draft: Draft) -> None:
    """Has an image that is behind https fetched, as the routes take data and S3 URLs only."""
    url = holder[key]
    if not media.is_https(url):
        if not url.startswith(("data:", "s3://")):
            raise invalid(where, "must be a data URL with an image or the https URL of one")
        return

    def complete(found: Fetched) -> None:
        holder[key] = media.data_url(found, where)

    draft.remote.append(Remote(url, where, complete))


def leave_out(draft: Draft, table: Mapping[str, Parameter]) -> None:
    """Takes the parameters of the table out, with a notice or a refusal where that changes anything."""
    given = {key: draft.body.pop(key) for key in table if key in draft.body}
    check_parameters(table, given, draft.changes)


def fit_effort(draft: Draft, holder: Json, key: str) -> bool:
    """Moves an effort to the nearest one that the model knows; whether it reasons then."""
    if key in holder:
        holder[key] = nearest_effort(draft, holder[key])
    return bool(holder.get(key) != "none")


def fit_limit(draft: Draft, key: str) -> None:
    """Raises a limit on the answer's length to the least that the model takes."""
    least = draft.family.least_tokens
    if draft.body.get(key, least) < least:
        draft.body[key] = least
        draft.changes.add(f"{key} raised to {least}")


def fit_sampling(draft: Draft) -> None:
    """Takes out the sampling parameters that the model does not take while it reasons."""
    taken = SAMPLED_WHILE_REASONING.get(draft.family.name, frozenset())
    for key in SAMPLING:
        if key in draft.body and key not in taken:
            tell_dropped(draft, key, draft.body.pop(key))


def fit_tier(body: Json) -> str:
    """Bedrock's name of the service tier that a body asks for, which is the route's too."""
    tier = SERVICE_TIERS[body.get("service_tier", "default")]
    if tier != "default":
        body["service_tier"] = tier
    return tier
