"""What the service answers when it does not answer: exceptions with their HTTP statuses.

Statuses are those of botocore's ``bedrock-runtime`` service model; the authentication errors are the
ones common to all AWS APIs
(https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html).
"""

from typing import Any

STATUSES = {
    "ValidationException": 400,
    "SerializationException": 400,
    "ServiceQuotaExceededException": 400,
    "AccessDeniedException": 403,
    "MissingAuthenticationTokenException": 403,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "UnrecognizedClientException": 403,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}


MESSAGES = {
    "ValidationException": "The model returned the following errors: The request cannot be continued.",
    "AccessDeniedException": "You don't have access to the model with the specified model ID.",
    "ResourceNotFoundException": "Could not resolve the foundation model from the provided model "
    "identifier.",
    "ModelTimeoutException": "Model has timed out in processing the request. Try your request again.",
    "ModelErrorException": "The system encountered an unexpected error during processing. Try your "
    "request again.",
    "ModelStreamErrorException": "The system encountered an unexpected error during processing. Try "
    "your request again.",
    "ThrottlingException": "Too many requests, please wait before trying again.",
    "InternalServerException": "The system encountered an unexpected error during processing. Try "
    "your request again.",
    "ServiceUnavailableException": "Bedrock is unable to process your request.",
}
"""What the service says in an exception that is nobody's mistake but made to order."""


class ServiceError(Exception):
    """An exception of the service: its name, its message and the other members of its body."""

    def __init__(self, name: str, message: str, **members: Any) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.members = members

    @property
    def status(self) -> int:
        """The HTTP status it comes with."""
        return STATUSES[self.name]

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body it comes with."""
        return {"message": self.message, **self.members}


class ModelRefusal(Exception):
    """A model's own refusal of a request, in the model's words.

    InvokeModel passes the words on as they are; Converse puts "The model returned the following
    errors:" before them.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def invalid(message: str) -> ServiceError:
    """A ValidationException."""
    return ServiceError("ValidationException", message)


def unsupported(field: str) -> ServiceError:
    """The refusal of a field that the model does not take."""
    return invalid(f"This model doesn't support the {field} field. Remove {field} and try again.")


def made_to_order(name: str) -> ServiceError:
    """The exception of that name, as a directive asks for it."""
    members: dict[str, Any] = {}
    if name == "ModelErrorException":
        members = {"originalStatusCode": 500, "resourceName": "simulated"}
    if name == "ModelStreamErrorException":
        members = {"originalStatusCode": 500, "originalMessage": MESSAGES[name]}
    return ServiceError(name, MESSAGES[name], **members)
