"""What becomes of every top-level field of a Messages request.

One row per field of https://platform.claude.com/docs/en/api/messages, betas included.
"""

from router.dialects.checks import Json, clipped, text
from router.dialects.parameters import TRANSLATED, check_parameters
    TRANSLATED,
    check_parameters,
)
from router.errors import ApiError

PARAMETERS = {
    "max_tokens": TRANSLATED,
    "messages": TRANSLATED,
    "model": TRANSLATED,
    "stop_sequences": TRANSLATED,
    "stream": TRANSLATED,
    "system": TRANSLATED,
    "temperature": TRANSLATED,
    "top_k": TRANSLATED,
    "top_p": TRANSLATED,
    "cache_control": TRANSLATED,
}


def check_body(body: Json, changes: set[str]) -> None:
    """Refuses what Anthropic and the table refuse, and notes in `changes` what is dropped."""
    for key, value in body.items():
        if value is not None and key not in PARAMETERS:
            text(key, "a field's name")
            # Clients match these words to try again without the field.
            raise ApiError(
                "invalid_request", f"{clipped(key)}: Extra inputs are not permitted", param=key
            )
    check_parameters(PARAMETERS, body, changes)
