"""The models that ARNs name, and the ARNs that name none.

The forms that `modelId` takes: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
"""

from urllib.parse import unquote

_NAMING = (":foundation-model/", ":inference-profile/")


def named_model(model_id: str) -> str:
    """The id inside a foundation model's or an inference profile's ARN; other text unchanged."""
    if _names_model(model_id):
        return unquote(model_id.rpartition("/")[2])
    return model_id


def hides_model(model_id: str) -> bool:
    """Whether it is an ARN that does not say which model it runs.

    That of an application inference profile, of provisioned throughput, of a custom or imported model, of a
    prompt or a prompt router: what they run has to be asked of Bedrock.
    """
    return model_id.startswith("arn:") and not _names_model(model_id)


def _names_model(model_id: str) -> bool:
    return model_id.startswith("arn:") and any(kind in model_id for kind in _NAMING)
