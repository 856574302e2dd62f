"""Guardrails, asked for by the headers that Bedrock's own OpenAI endpoint reads.

https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-use-converse-api.html
"""

from collections.abc import Mapping

from router.dialects.checks import Json, invalid
from router.dialects.converse.draft import Draft
from router.http import Headers

IDENTIFIER = "x-amzn-bedrock-guardrailidentifier"
VERSION = "x-amzn-bedrock-guardrailversion"
TRACE = "x-amzn-bedrock-trace"

_TRACES = ("enabled", "disabled", "enabled_full")

_IDENTIFIER = r"[a-z0-9]+|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]+"
_VERSION = r"[1-9][0-9]{0,7}|DRAFT"


def apply_guardrail(draft: Draft, headers: Mapping[str, str]) -> None:
    """Writes `guardrailConfig`; header names are in lower case. Raises `ApiError`."""
    if config := _config(headers):
        draft.body["guardrailConfig"] = config


def passed_on(headers: Mapping[str, str]) -> Headers:
    """The headers themselves, for a route that reads them. Raises `ApiError`."""
    if not _config(headers):
        return []
    return [(name, headers[name]) for name in (IDENTIFIER, VERSION, TRACE) if name in headers]


def _config(headers: Mapping[str, str]) -> Json:
    """What Converse is told of the guardrail in the headers; empty when there is none."""
    if IDENTIFIER not in headers and VERSION not in headers:
        return {}
    import re  # noqa: PLC0415 (few requests need it, and every cold start would pay for it)

    identifier = headers.get(IDENTIFIER, "")
    if not re.fullmatch(_IDENTIFIER, identifier) or len(identifier) > 2048:
        raise invalid(IDENTIFIER, "must be the id or the ARN of a guardrail")
    version = headers.get(VERSION, "")
    if not re.fullmatch(_VERSION, version):
        raise invalid(VERSION, "must be the number of the guardrail's version, or DRAFT")
    config: Json = {"guardrailIdentifier": identifier, "guardrailVersion": version}
    if (trace := headers.get(TRACE)) is not None:
        if trace.lower() not in _TRACES:
            raise invalid(TRACE, "must be ENABLED, DISABLED or ENABLED_FULL")
        config["trace"] = trace.lower()
    return config
