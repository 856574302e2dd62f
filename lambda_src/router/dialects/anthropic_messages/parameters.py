"""What becomes of the top-level fields of a request that is translated."""

from router.dialects import anthropic_parameters
from router.dialects.anthropic_parameters import check_fields
from router.dialects.checks import Json, fields, members
from router.dialects.parameters import dropped, only

METADATA = fields("user_id")

PARAMETERS = {
    # What tells of betas and versions is read and says nothing to these models.
    **anthropic_parameters.PARAMETERS,
    "context_management": dropped(dict, {}),
    "safeguards": only(instead="use a guardrail of Amazon Bedrock"),
}


def check_body(body: Json, changes: set[str]) -> None:
    """Refuses what Anthropic and the table refuse, and notes in `changes` what is dropped."""
    check_fields(PARAMETERS, body, changes)
    if body.get("metadata") is not None:
        # Its `user_id` is for Anthropic's own watch over abuse.
        members(body["metadata"], "metadata", METADATA, changes)
