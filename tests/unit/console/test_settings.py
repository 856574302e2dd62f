"""The environment becomes settings, or an error that names what is missing."""

import pytest
from console.settings import Settings, settings_from

ADMIN_KEY_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:admin-AbCdEf"
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "TABLE_NAME": "keys",
    "HMAC_SECRET_ID": "arn:hmac",
    "ADMIN_KEY_SECRET_ID": ADMIN_KEY_ARN,
    "PROXY_URL": "https://proxy.example/",
}


def test_every_setting_comes_from_its_variable():
    assert settings_from(ENVIRONMENT) == Settings(
        region="eu-west-1",
        table_name="keys",
        hmac_secret_id="arn:hmac",
        admin_key_secret_id=ADMIN_KEY_ARN,
        proxy_url="https://proxy.example/",
    )


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_missing_variable_is_named(missing):
    environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        settings_from(environment)


def test_the_account_is_the_one_of_the_secrets():
    assert settings_from(ENVIRONMENT).account_id == "123456789012"
