"""What the console is told by its environment, read once."""

from collections.abc import Mapping
from typing import NamedTuple


class Settings(NamedTuple):
    """Everything that differs from one deployment to the next."""

    region: str
    table_name: str
    hmac_secret_id: str
    """The Secrets Manager secret under which keys are minted."""
    admin_key_secret_id: str
    """The ARN of the Secrets Manager secret that opens this API."""
    proxy_url: str
    """Where the keys made here are good, told to their owners."""

    @property
    def account_id(self) -> str:
        """The AWS account that the stack is in, as its secrets' ARNs tell."""
        return self.admin_key_secret_id.split(":")[4]


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; KeyError names the variable that is missing."""
    return Settings(
        region=environment["AWS_REGION"],
        table_name=environment["TABLE_NAME"],
        hmac_secret_id=environment["HMAC_SECRET_ID"],
        admin_key_secret_id=environment["ADMIN_KEY_SECRET_ID"],
        proxy_url=environment["PROXY_URL"],
    )
