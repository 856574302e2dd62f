"""The ledger's `Table` over boto3, which signs, retries and keeps connections by itself."""

from typing import Any

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError
from ledger.table import TableUnavailable, failure


class BotoTable:
    """Performs the ledger's operations through a boto3 ``dynamodb`` client."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    def __call__(self, operation: str, request: dict[str, Any], /) -> dict[str, Any]:
        """One operation; raises ConditionFailed or TableUnavailable as `ledger.table` tells."""
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**request)
        except ClientError as error:
            raise failure(error.response["Error"]["Code"], error.response) from error
        except BotoCoreError as error:
            raise TableUnavailable(type(error).__name__) from error
        return answer
