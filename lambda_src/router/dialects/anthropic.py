"""What requests of Anthropic's Messages API go through whichever way they are served.

https://platform.claude.com/docs/en/api/messages
"""

import string
from collections.abc import Mapping
from hashlib import sha256

from catalog.models import Target

from router.dialects.checks import Json, clipped, invalid, is_blank, items, text
from router.dialects.converse.draft import Draft
from router.errors import ApiError

ATTRIBUTION = "x-anthropic-billing-header:"
"""How a block of the system prompt begins in which Claude Code tells Anthropic whom to bill.

Anthropic's API takes it out. For a model it says nothing, and as it differs in every request no prompt
behind it is ever found in a cache: https://github.com/anthropics/claude-code/issues/68900.
"""

_LONGEST_USER_ID = 256
_USER_ID_CHARACTERS = frozenset(string.ascii_letters + string.digits + " :_@$#=/+,-.")
"""What Bedrock takes as a value of request metadata
(https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html)."""

_LONGEST_BETA = 100
_MOST_BETAS = 64


def field_required(where: str) -> ApiError:
    """The 400 for a field that is not there, in Anthropic's words."""
    return ApiError("invalid_request", f"{where}: Field required", param=where)


def extra_input(where: str) -> ApiError:
    """The 400 for a field that does not exist, in Anthropic's words, which clients look for."""
    return ApiError("invalid_request", f"{where}: Extra inputs are not permitted", param=where)


def asked_betas(headers: Mapping[str, str], asked: Json) -> list[str]:
    """The beta features that a request asks for, in its headers and its body, each once.

    Takes the body's members out of it.
    """
    betas = dict.fromkeys(beta.strip() for beta in headers.get("anthropic-beta", "").split(","))
    for member in ("anthropic_beta", "betas"):
        value = asked.pop(member, None)
        for i, beta in enumerate([] if value is None else items(value, member)):
            betas[text(beta, f"{member}[{i}]")] = None
    betas.pop("", None)
    if len(betas) > _MOST_BETAS:
        raise invalid("anthropic-beta", f"names more than {_MOST_BETAS} features")
    for beta in betas:
        if len(beta) > _LONGEST_BETA or not (beta.isascii() and beta.isprintable()):
            raise invalid("anthropic-beta", f"holds {clipped(beta)}, which is no feature's name")
    return list(betas)


def lower_limit(asked: Json, target: Target) -> str | None:
    """Lowers `max_tokens` to the most that the model puts out, where that is known; the notice of it.

    Bedrock refuses more. Clients must give a limit, and of a model they do not know they give that of
    another.
    """
    limit, most = asked.get("max_tokens"), target.max_output_tokens
    if not (target.priced and most > 0 and isinstance(limit, int) and limit > most):
        return None
    asked["max_tokens"] = most
    return f"max_tokens lowered to {most}"


def fit_metadata(draft: Draft, asked: Json) -> None:
    """Makes `metadata` one that Bedrock takes: a `user_id`, hashed where it has other characters.

    Claude Code's is JSON: "Request metadata contains a value that violates the regular expression".
    """
    metadata = asked.get("metadata")
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        raise invalid("metadata", "must be an object")
    user_id = metadata.get("user_id")
    if user_id is None:
        del asked["metadata"]
        return
    fitting = text(user_id, "metadata.user_id")
    if len(fitting) > _LONGEST_USER_ID or not _USER_ID_CHARACTERS.issuperset(fitting):
        fitting = sha256(fitting.encode()).hexdigest()
        draft.changes.add("metadata.user_id hashed")
    asked["metadata"] = {"user_id": fitting}


def system_blocks(draft: Draft, asked: Json) -> list[Json]:
    """The blocks of a request's `system`, without what is for Anthropic alone.

    Each is an object; what it holds is not looked at.
    """
    system = asked.get("system")
    if system is None or system == "":
        return []
    if isinstance(system, str):
        system = [{"type": "text", "text": system}]
    kept: list[Json] = []
    for i, block in enumerate(items(system, "system")):
        if not isinstance(block, dict):
            raise invalid(f"system[{i}]", "must be an object")
        told = block.get("text")
        if not (isinstance(told, str) and told.startswith(ATTRIBUTION)):
            kept.append(block)
            continue
        draft.changes.add("billing header dropped")
        # A gateway may have made one text of all blocks.
        rest = told.partition("\n")[2]
        if not is_blank(rest):
            kept.append({**block, "text": rest.lstrip("\n")})
    return kept


def content_blocks(content: object) -> list[Json]:
    """A message's content as blocks: text alone is one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content if isinstance(content, list) else []
