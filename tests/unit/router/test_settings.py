import botocore.session
import pytest
from router.settings import InvalidSettings, from_environment
from router.sigv4 import Credentials

ENV = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "TABLE_NAME": "table",
    "HMAC_SECRET_ID": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hmac",
    "MODEL_ALIASES": '{"gpt-5": "us.anthropic.claude-opus-5-5"}',
}


def test_what_lambda_and_the_stack_set_is_read() -> None:
    settings = from_environment(ENV)
    assert settings.runtime_api == "127.0.0.1:9001"
    assert settings.region == "eu-central-1"
    assert settings.credentials == Credentials("AKIDEXAMPLE", "secret", "token")
    assert settings.table_name == "table"
    assert settings.hmac_secret_id == ENV["HMAC_SECRET_ID"]
    assert settings.aliases == {"gpt-5": "us.anthropic.claude-opus-5-5"}
    assert settings.ca_bundle is None


@pytest.mark.parametrize("absent", ["", None])
@pytest.mark.parametrize(
    "name",
    [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "TABLE_NAME",
        "HMAC_SECRET_ID",
    ],
)
def test_a_missing_variable_is_named(name: str, absent: str | None) -> None:
    env = {key: value for key, value in ENV.items() if key != name}
    if absent is not None:
        env[name] = absent
    with pytest.raises(InvalidSettings, match=f"{name} is not set"):
        from_environment(env)


def test_an_access_key_need_not_be_temporary_and_aliases_need_not_be_given() -> None:
    env = ENV | {"AWS_SESSION_TOKEN": "", "MODEL_ALIASES": ""}
    settings = from_environment(env)
    assert settings.credentials.session_token is None
    assert settings.aliases == {}


@pytest.mark.parametrize("aliases", ["gpt-5", "[]", '{"gpt-5": 5}', '{"gpt-5": null}', "null"])
def test_aliases_that_are_no_object_of_names_are_refused_without_being_quoted(aliases: str) -> None:
    with pytest.raises(InvalidSettings, match="MODEL_ALIASES") as raised:
        from_environment(ENV | {"MODEL_ALIASES": aliases})
    assert aliases not in str(raised.value)


# --- endpoints ------------------------------------------------------------------------------------


def test_endpoints_are_the_regions_own() -> None:
    settings = from_environment(ENV)
    assert settings.bedrock_runtime_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    assert settings.bedrock_url == "https://bedrock.eu-central-1.amazonaws.com"
    assert settings.dynamodb_url == "https://dynamodb.eu-central-1.amazonaws.com"
    assert settings.secrets_manager_url == "https://secretsmanager.eu-central-1.amazonaws.com"


def test_china_has_a_domain_of_its_own() -> None:
    settings = from_environment(ENV | {"AWS_REGION": "cn-north-1"})
    assert settings.dynamodb_url == "https://dynamodb.cn-north-1.amazonaws.com.cn"


def test_one_service_can_be_elsewhere() -> None:
    env = ENV | {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "https://vpce-1.example/"}
    settings = from_environment(env)
    assert settings.bedrock_runtime_url == "https://vpce-1.example"
    assert settings.bedrock_url == "https://bedrock.eu-central-1.amazonaws.com"


def test_all_services_can_be_elsewhere_and_one_of_them_elsewhere_still() -> None:
    env = ENV | {
        "AWS_ENDPOINT_URL": "http://localhost:1",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://localhost:2",
    }
    settings = from_environment(env)
    assert settings.dynamodb_url == "http://localhost:1"
    assert settings.bedrock_url == "http://localhost:1"
    assert settings.secrets_manager_url == "http://localhost:2"


@pytest.mark.parametrize(
    ("service", "field"),
    [
        ("bedrock-runtime", "bedrock_runtime_url"),
        ("bedrock", "bedrock_url"),
        ("dynamodb", "dynamodb_url"),
        ("secretsmanager", "secrets_manager_url"),
    ],
)
def test_endpoints_and_their_variables_are_those_of_the_aws_sdk(
    service: str, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sdk() -> str:
        session = botocore.session.Session()
        client = session.create_client(service, region_name=ENV["AWS_REGION"])
        return client.meta.endpoint_url

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    assert getattr(from_environment(ENV), field) == sdk()
    variable = f"AWS_ENDPOINT_URL_{field.removesuffix('_url').upper()}"
    monkeypatch.setenv(variable, "http://localhost:9")
    assert getattr(from_environment(ENV | {variable: "http://localhost:9"}), field) == sdk()


def test_a_ca_bundle_is_handed_on() -> None:
    assert from_environment(ENV | {"AWS_CA_BUNDLE": "/ca.pem"}).ca_bundle == "/ca.pem"
