import json
from typing import Any

import pytest
from botocore.session import Session
from router.dialects.bedrock import OPERATIONS
from router.http import Response
from router.routes import ROUTES, handle, pattern_of

from tests.support.requests import body_of, json_of
from tests.support.router import Router
from tests.support.upstream import said

OPUS = "us.anthropic.claude-opus-5-5"
ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-5"
ARN_ENCODED = ARN.replace(":", "%3A").replace("/", "%2F")
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1},
}
CONVERSE = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
CHAT = {"model": OPUS, "messages": [{"role": "user", "content": "Hello"}]}


def ask(router: Router, method: str, path: str, body: object = b"", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return handle(router.services, router.request(method, path, body=body, headers=named))


def shape_of(response: Response) -> str:
    """The API whose error a response is."""
    content = json.loads(body_of(response))
    if "x-amzn-errortype" in dict(response.headers):
        return "bedrock" if set(content) == {"message"} else "?"
    if content.get("type") == "error":
        return "anthropic"
    return "openai" if set(content) == {"error"} else "?"


# --- patterns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "model",
    [
        OPUS,
        "amazon.nova-lite-v1:0",
        "amazon.nova-lite-v1%3A0",
        ARN,
        ARN_ENCODED,
        ARN.replace("/", "%2F"),
        "claude-opus-5-5",
        "converse",
        "",
    ],
)
def test_a_models_operations_are_found_however_its_id_is_written(
    model: str, operation: str
) -> None:
    assert pattern_of(f"/model/{model}/{operation}") == f"/model/*/{operation}"


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/v1/responses/resp_1", "/v1/responses/*"),
        ("/v1/responses/cancel", "/v1/responses/*"),
        ("/v1/responses/resp_1/cancel", "/v1/responses/*/cancel"),
    ],
)
def test_a_stored_response_is_found_by_its_id(path: str, pattern: str) -> None:
    assert pattern_of(path) == pattern


@pytest.mark.parametrize("model", [OPUS, ARN, ARN_ENCODED, "nova-lite-v1%3A0", "a/b/c", "*"])
def test_a_model_is_found_in_the_list_however_its_id_is_written(model: str) -> None:
    assert pattern_of(f"/v1/models/{model}") == "/v1/models/*"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/model",
        "/model/",
        "/model/converse",
        "/model/x",
        "/model/x/",
        "/model/x/converse/",
        "/model/x/Converse",
        "/model/x/invoke-with-bidirectional-stream",
        "/models/x/converse",
        "/MODEL/x/converse",
        "//model/x/converse",
        "/v1/model/x/converse",
        "/v1/chat/completions/",
        "/v1//chat/completions",
        "/V1/chat/completions",
        "/v1/chat",
        "/v1/completions",
        "/v1/keys",
        "/v1/models/",
        "/v1/modelsx",
        "/v1/embeddings/",
        "/v1/responses/",
        "/v1/responses//cancel",
        "/v1/responses/resp_1/",
        "/v1/responses/resp_1/Cancel",
        "/v1/responses/resp_1/input_items",
        "/v1/responses/resp_1/x/cancel",
        "/healthz/",
        "/model/*/converse/x",
        "/guardrail/x/version/1/apply",
        "/async-invoke",
        "/inference-profiles/x",
        "/_sim/bill",
    ],
)
def test_what_is_not_in_the_table_is_nowhere(path: str) -> None:
    assert pattern_of(path) is None


def test_of_a_long_path_only_the_beginning_is_told(router: Router) -> None:
    response = handle(router.services, router.request("GET", f"/{'x' * 10**6}"))
    assert response.status == 404
    assert len(body_of(response)) < 300


@pytest.mark.parametrize("query", ["a=b c", "a=\r\nhost: b", "a=é", "\ud800"])
def test_a_query_that_no_line_of_http_can_hold_is_passed_on_to_nobody(
    router: Router, query: str
) -> None:
    request = router.request("GET", "/v1/responses/resp_1", query=query)
    assert handle(router.services, request).status == 400
    assert not router.bedrock_runtime.asked


def test_operations_are_found_at_the_paths_of_bedrocks_service_model() -> None:
    service = Session().get_service_model("bedrock-runtime")
    for name in ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream"):
        http = service.operation_model(name).http
        pattern = pattern_of(http["requestUri"].replace("{modelId}", OPUS))
        assert pattern is not None
        assert list(ROUTES[pattern]) == [http["method"]]


# --- what is answered -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/model/amazon.nova-lite-v1%3A0/converse", "/model/amazon.nova-lite-v1%3A0/converse"),
        ("/model/amazon.nova-lite-v1:0/converse", "/model/amazon.nova-lite-v1%3A0/converse"),
        (f"/model/{ARN}/converse", f"/model/{ARN_ENCODED}/converse"),
        (f"/model/{ARN_ENCODED}/converse", f"/model/{ARN_ENCODED}/converse"),
        ("/model/claude-opus-5-5/converse", f"/model/{OPUS}/converse"),
        ("/model/gpt-5/converse", f"/model/{OPUS}/converse"),
    ],
)
def test_a_native_call_reaches_bedrock_with_its_id_encoded_once(
    router: Router, path: str, asked: str
) -> None:
    router.bedrock_says(said(ANSWER))
    assert ask(router, "POST", path, CONVERSE).status == 200
    assert router.bedrock_runtime.asked[0].path == asked


@pytest.mark.parametrize(
    "operation", ["converse", "converse-stream", "invoke", "invoke-with-response-stream"]
)
def test_each_native_operation_is_called_as_itself(router: Router, operation: str) -> None:
    router.bedrock_says(said(ANSWER))
    ask(router, "POST", f"/model/{OPUS}/{operation}", CONVERSE)
    assert router.bedrock_runtime.asked[0].path == f"/model/{OPUS}/{operation}"
    assert router.record.route == operation


def test_a_chat_completion_is_a_converse_call(router: Router) -> None:
    router.bedrock_says(said(ANSWER))
    response = ask(router, "POST", "/v1/chat/completions", CHAT)
    completion: Any = json_of(response)
    assert completion["object"] == "chat.completion"
    assert completion["created"] == int(router.clock())
    assert router.bedrock_runtime.asked[0].path == f"/model/{OPUS}/converse"


def test_a_request_for_embeddings_is_an_invoke_model_call(router: Router) -> None:
    router.bedrock_says(said({"embedding": [0.5], "inputTextTokenCount": 1}))
    body = {"model": "titan-embed-text-v2", "input": "Hello"}
    found: Any = json_of(ask(router, "POST", "/v1/embeddings", body))
    assert found["data"][0]["embedding"] == [0.5]
    asked = router.bedrock_runtime.asked[0]
    assert asked.path == "/model/amazon.titan-embed-text-v2%3A0/invoke"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_is_answered_without_a_key(router: Router, method: str) -> None:
    router.key = ""
    response = ask(router, method, "/healthz")
    assert (response.status, json_of(response)) == (200, {"status": "ok"})


def test_the_models_and_the_key_are_answered(router: Router) -> None:
    models: Any = json_of(ask(router, "GET", "/v1/models"))
    account: Any = json_of(ask(router, "GET", "/v1/key"))
    assert models["object"] == "list"
    assert account["id"] == router.key_id


@pytest.mark.parametrize("path", ["/inference-profiles", "/foundation-models"])
def test_bedrocks_lists_are_asked_of_its_control_plane(router: Router, path: str) -> None:
    router.bedrock.answers = [said({"list": []})]
    assert json_of(ask(router, "GET", path)) == {"list": []}
    assert router.bedrock.asked[0].path == path
    assert router.bedrock_runtime.asked == []


# --- what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "openai"),
        ("/v1/completions", "openai"),
        ("/v1/unheard-of", "openai"),
        ("/v1/messages/", "anthropic"),
        ("/v1/messages/batches", "anthropic"),
        ("/anthropic/v1/messages", "anthropic"),
        ("/model/converse", "bedrock"),
        ("/model/x/invoke-with-bidirectional-stream", "bedrock"),
        ("/async-invoke", "bedrock"),
        ("/guardrail/x/version/1/apply", "bedrock"),
        ("/inference-profiles/x", "bedrock"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_told_in_the_shape_of_the_api_it_resembles(
    router: Router, method: str, path: str, shape: str
) -> None:
    response = ask(router, method, path)
    assert (response.status, shape_of(response)) == (404, shape)
    assert path in body_of(response).decode()
    with_version = ask(router, method, path, anthropic_version="2026-10-21")
    assert with_version.status == 404
    assert shape_of(with_version) == ("bedrock" if shape == "bedrock" else "anthropic")
    assert router.bedrock_runtime.asked == router.bedrock.asked == []
    assert router.table.operations == []


@pytest.mark.parametrize(
    ("method", "path", "use", "shape"),
    [
        ("GET", "/v1/chat/completions", "POST", "openai"),
        ("GET", "/v1/messages", "POST", "anthropic"),
        ("POST", "/v1/models", "GET", "openai"),
        ("DELETE", "/v1/key", "GET", "openai"),
        ("PUT", "/v1/responses/resp_1", "GET or DELETE", "openai"),
        ("GET", "/v1/responses/resp_1/cancel", "POST", "openai"),
        ("POST", "/healthz", "GET or HEAD", "openai"),
        ("GET", f"/model/{OPUS}/converse", "POST", "bedrock"),
        ("PUT", f"/model/{OPUS}/invoke", "POST", "bedrock"),
        ("POST", "/inference-profiles", "GET", "bedrock"),
        ("OPTIONS", "/foundation-models", "GET", "bedrock"),
        ("post", "/v1/chat/completions", "POST", "openai"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(
    router: Router, method: str, path: str, use: str, shape: str
) -> None:
    response = ask(router, method, path, CONVERSE)
    assert (response.status, shape_of(response)) == (405, shape)
    assert f"Use {use} " in body_of(response).decode()
    assert ("allow", use.replace(" or ", ", ")) in response.headers
    assert router.bedrock_runtime.asked == router.bedrock.asked == []


@pytest.mark.parametrize(
    ("method", "path", "shape"),
    [
        ("POST", "/v1/chat/completions", "openai"),
        ("GET", "/v1/models", "openai"),
        ("GET", "/v1/key", "openai"),
        ("POST", f"/model/{OPUS}/converse", "bedrock"),
        ("GET", "/inference-profiles", "bedrock"),
    ],
)
def test_a_caller_without_a_key_is_told_so_in_the_shape_of_the_path(
    router: Router, method: str, path: str, shape: str
) -> None:
    router.key = "sk-foreign"
    response = ask(router, method, path, CONVERSE)
    assert (response.status, shape_of(response)) == (401, shape)
    assert router.table.operations == []


def test_models_are_refused_in_anthropics_shape_to_clients_of_its_api(router: Router) -> None:
    router.key = "sk-foreign"
    response = ask(router, "GET", "/v1/models", anthropic_version="2023-06-01")
    assert shape_of(response) == "anthropic"


def test_a_bug_is_told_without_a_word_of_it(
    router: Router, capsys: pytest.CaptureFixture[str]
) -> None:
    router.bedrock.answers = [KeyError("what the client said")]
    response = ask(router, "GET", "/inference-profiles")
    assert (response.status, shape_of(response)) == (500, "bedrock")
    output = capsys.readouterr().out
    assert "KeyError" in output
    assert "what the client said" not in output + body_of(response).decode()
