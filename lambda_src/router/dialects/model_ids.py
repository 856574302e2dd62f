"""The model that a request of OpenAI's protocols names.

Any id that has the form of one goes to Bedrock, whether or not the catalog knows it. What has another
form (``openai/gpt-5``, as other gateways call it) Bedrock would refuse with its own pattern.
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, `modelId`.
"""

import string

from catalog.models import Target

from router.dialects.checks import Json, clipped, name
from router.dialects.dialect import Names
from router.errors import ApiError

LONGEST_ID = 2048

_PLAIN_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-:.")

_FOUNDATION_MODEL = "[a-z0-9-]{1,63}[.][a-z0-9-]{1,63}[.:]?[a-z0-9-]{1,63}"

_RESOURCE = (
    "custom-model/[a-z0-9-]{1,63}[.][a-z0-9-]{1,63}/[a-z0-9]{12}"
    "|(imported-model|provisioned-model|custom-model-deployment)/[a-z0-9]{12}"
    "|(inference-profile|application-inference-profile)/[a-zA-Z0-9-:.]+"
    "|(default-)?prompt-router/[a-zA-Z0-9-:.]+"
    "|prompt/[0-9a-zA-Z]{10}(:[0-9]{1,5})?"
)
"""What an account may have that is called like a model, in ARNs."""

_PATTERN = (
    "([0-9a-zA-Z][_-]?)+"
    f"|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{{1,20}}::foundation-model/{_FOUNDATION_MODEL}"
    f"|arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{{1,20}}:[0-9]{{12}}:({_RESOURCE})"
    "|arn:aws:sagemaker:[a-z0-9-]+:[0-9]{12}:endpoint/[a-zA-Z0-9-]+"
)


def read_model(asked: Json, catalog: Names) -> Target:
    """The target of a request's `model`. Raises `ApiError` for what can be no model of Bedrock's."""
    target = catalog.resolve(name(asked.get("model"), "model"))
    if not is_model_id(target.model_id):
        told = f"There is no model '{clipped(target.requested)}' here: see GET /v1/models."
        raise ApiError("unknown_model", told, param="model")
    return target


def is_model_id(text: str) -> bool:
    """Whether it has the form of an id or an ARN that Bedrock takes for a model."""
    if not text or len(text) > LONGEST_ID:
        return False
    if _PLAIN_CHARACTERS.issuperset(text):
        return True
    import re  # noqa: PLC0415 (few requests need it, and every cold start would pay for it)

    return re.fullmatch(_PATTERN, text) is not None
