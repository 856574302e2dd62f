import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from catalog import models
from catalog.families import family_of
from hypothesis import given
from hypothesis import strategies as st
from router.bounds import (
    DEFINED_TOOL_TOKENS,
    SYSTEM_TOKENS,
    converse_output_tokens,
    invoke_output_tokens,
    media,
    prompt_tokens,
)

from tests.support import recordings
from tests.support.recorded_usage import counts

WINDOW = 200_000

IMAGE_TOKENS = 5_000


def bound(body: object, window: int = WINDOW) -> int:
    return prompt_tokens(body, len(json.dumps(body)), window, IMAGE_TOKENS)


def user(*blocks: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def in_fields(body: dict[str, Any]) -> dict[str, Any]:
    return {"additionalModelRequestFields": body}


# --- held to what Bedrock counted -----------------------------------------------------------------


SHORTENED = "very very long system prompt"


@recordings.parametrize(status=200)
def test_no_recorded_call_used_more_than_its_bounds(recording_id: str) -> None:
    recording = recordings.load(recording_id)
    body = recording["request"]["body"]
    if body.get("system") == SHORTENED:
        pytest.skip("its long prompt was left out where it was published")
    said = counts(recording)
    target = models.load("us-east-1").resolve(recording["model"])
    size = len(json.dumps(body, separators=(",", ":")))
    prompt = sum(said.get(part, 0) for part in ("input", "cache_read", "cache_write"))
    image_tokens = family_of(target.model_id).image_tokens
    assert prompt_tokens(body, size, target.context_window, image_tokens) >= prompt
    converses = recording["op"].startswith("converse")
    limit = converse_output_tokens if converses else invoke_output_tokens
    assert limit(body, target.max_output_tokens) >= said.get("output", 0)


# --- text -----------------------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def bytes_of_text(node: object) -> int:
    """Every string in the tree as UTF-8, of which no tokenizer makes more tokens than bytes."""
    if isinstance(node, str):
        return len(node.encode("utf-8", "surrogatepass"))
    if isinstance(node, dict):
        return sum(bytes_of_text(name) + bytes_of_text(value) for name, value in node.items())
    if isinstance(node, list):
        return sum(map(bytes_of_text, node))
    return 0


@given(JSON_VALUES, st.booleans())
def test_text_has_no_more_tokens_than_its_bound(tree: object, ascii_only: bool) -> None:
    try:
        body = json.dumps(tree, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return  # half of a surrogate pair, which a body can only hold escaped
    assert prompt_tokens(tree, len(body), 0, IMAGE_TOKENS) >= bytes_of_text(tree) + SYSTEM_TOKENS


def test_a_text_prompt_is_not_charged_a_whole_context() -> None:
    body = user({"text": "Hello"})
    assert bound(body) == len(json.dumps(body)) + SYSTEM_TOKENS < 2_000


def test_a_prompt_longer_than_the_context_keeps_its_size() -> None:
    body = user({"text": "a" * 1000})
    assert bound(body, window=100) > 1000


# --- media ----------------------------------------------------------------------------------------

IMAGES = {
    "converse": {"image": {"format": "png", "source": {"bytes": "aGVsbG8="}}},
    "anthropic": {"type": "image", "source": {"type": "base64", "data": "aGVsbG8="}},
    "openai chat": {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}},
    "openai responses": {"type": "input_image", "image_url": "data:image/png;base64,aGVsbG8="},
    "titan embeddings": {"inputText": "a cat", "inputImage": "aGVsbG8="},
    "in a tool's result": {"toolResult": {"toolUseId": "1", "content": [{"image": {}}]}},
}


@pytest.mark.parametrize("block", IMAGES.values(), ids=IMAGES)
def test_an_image_weighs_what_the_dearest_image_does(block: dict[str, Any]) -> None:
    assert bound(user(block)) >= IMAGE_TOKENS + SYSTEM_TOKENS
    assert bound(user(block, block, block)) >= 3 * IMAGE_TOKENS + SYSTEM_TOKENS
    assert not media(user(block)).unbounded


def test_llamas_images_are_a_list_of_their_own() -> None:
    body = {"prompt": "What is <|image|>?", "images": ["aGVsbG8=", "aGVsbG8="]}
    assert bound(body) == len(json.dumps(body)) + SYSTEM_TOKENS + 2 * IMAGE_TOKENS
    assert bound({"images": "aGVsbG8="}) < 2 * SYSTEM_TOKENS


UNBOUNDED = {
    "converse document": {"document": {"format": "pdf", "name": "a", "source": {"bytes": "aGk="}}},
    "converse video": {"video": {"format": "mp4", "source": {"bytes": "aGVsbG8="}}},
    "converse audio": {"audio": {"format": "mp3", "source": {"bytes": "aGVsbG8="}}},
    "image in S3": {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://a/b"}}}},
    "anthropic document": {"type": "document", "source": {"type": "base64", "data": "aGVsbG8="}},
    "openai file": {"type": "file", "file": {"file_data": "aGVsbG8="}},
    "openai responses file": {"type": "input_file", "file_data": "aGVsbG8="},
    "openai audio": {"type": "input_audio", "input_audio": {"data": "aGVsbG8="}},
    "audio by URL": {"type": "audio_url", "audio_url": {"url": "data:audio/mp3;base64,aGk="}},
    "video by URL": {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,aGk="}},
    "document in a tool's result": {"toolResult": {"content": [{"document": {}}]}},
}


@pytest.mark.parametrize("block", UNBOUNDED.values(), ids=UNBOUNDED)
def test_what_may_hold_any_number_of_tokens_weighs_the_whole_context(block: dict[str, Any]) -> None:
    assert bound(user(block)) == WINDOW


def test_a_document_beside_a_text_longer_than_the_context_weighs_no_less_than_the_text() -> None:
    text = {"text": "a" * 1000}
    assert bound(user(text, {"document": {}}), window=100) >= bound(user(text), window=100)


def test_a_tool_of_bedrocks_own_weighs_the_whole_context() -> None:
    tools = {"toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]}}
    assert bound(user({"text": "Hello"}) | tools) == WINDOW


def test_words_for_media_in_text_and_in_schemas_weigh_nothing_more() -> None:
    schema = {"type": "object", "properties": {"file": {"type": "string"}, "image": {}}}
    body = {
        "messages": [{"role": "user", "content": [{"text": "a document, an image, a video"}]}],
        "toolConfig": {"tools": [{"toolSpec": {"name": "open", "inputSchema": {"json": schema}}}]},
        "tools": [
            {"name": "open", "input_schema": schema},
            {"type": "function", "function": {"name": "open", "parameters": schema}},
        ],
    }
    assert media(body) == (0, False)


@pytest.mark.parametrize("kind", [None, 5, ["image"], {"image": 1}])
def test_a_type_that_is_no_word_is_no_medium(kind: object) -> None:
    assert media([{"type": kind, "text": "a"}]).unbounded is False


@pytest.mark.parametrize("within", [lambda body: body, in_fields], ids=["invoke", "converse"])
def test_a_tool_that_is_only_named_is_described_by_the_service(
    within: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    spelt_out = [{"name": "f"}, {"type": "custom"}, {"type": "function"}, "bash", None]
    named = [{"type": "bash_20250124", "name": "bash"}, {"type": "computer_20250124"}]
    assert bound(within({"tools": spelt_out})) < 2 * SYSTEM_TOKENS
    body = within({"tools": spelt_out + named})
    assert bound(body) == len(json.dumps(body)) + SYSTEM_TOKENS + 2 * DEFINED_TOOL_TOKENS


@pytest.mark.parametrize("tools", [None, "bash", {"type": "bash"}, [[{"type": "bash"}]]])
def test_what_is_no_list_of_tools_weighs_as_text(tools: object) -> None:
    assert bound({"tools": tools}) < 2 * SYSTEM_TOKENS


def test_what_bedrock_has_stored_of_a_prompt_may_fill_the_context_window() -> None:
    assert prompt_tokens({}, 10, WINDOW, IMAGE_TOKENS, stored=True) == WINDOW
    assert prompt_tokens({}, 2 * WINDOW, WINDOW, IMAGE_TOKENS, stored=True) > 2 * WINDOW


def test_a_tree_deeper_than_the_stack_is_walked_all_the_same() -> None:
    tree: list[Any] = []
    for _ in range(10 * sys.getrecursionlimit()):
        tree = [tree]
    tree[0][0].append({"image": {}})
    assert media(tree).images == 1


@pytest.mark.parametrize("tree", [None, "document", 5, [], {}])
def test_any_json_value_can_be_weighed(tree: object) -> None:
    assert prompt_tokens(tree, 10, WINDOW, IMAGE_TOKENS) == 10 + SYSTEM_TOKENS


# --- answers --------------------------------------------------------------------------------------

INVOKE_LIMITS = {
    "anthropic": {"max_tokens": 77},
    "anthropic text": {"max_tokens_to_sample": 77},
    "cohere": {"max_tokens": 77},
    "llama": {"max_gen_len": 77},
    "mistral": {"max_tokens": 77},
    "nova": {"inferenceConfig": {"max_new_tokens": 77}},
    "nova as converse": {"inferenceConfig": {"maxTokens": 77}},
    "openai": {"max_completion_tokens": 77},
    "openai responses": {"max_output_tokens": 77},
    "titan": {"textGenerationConfig": {"maxTokenCount": 77}},
}


@pytest.mark.parametrize("body", INVOKE_LIMITS.values(), ids=INVOKE_LIMITS)
def test_every_familys_limit_on_the_answer_is_known(body: dict[str, Any]) -> None:
    assert invoke_output_tokens(user() | body, 4096) == 77


def test_the_largest_of_several_limits_counts() -> None:
    body = {"max_tokens": 5, "max_completion_tokens": 70, "inferenceConfig": {"maxTokens": 7}}
    assert invoke_output_tokens(body, 4096) == 70


def test_converse_has_its_limit_in_one_place() -> None:
    assert converse_output_tokens({"inferenceConfig": {"maxTokens": 77}}, 4096) == 77


@pytest.mark.parametrize("body", [{"max_tokens": 1}, {"inferenceConfig": {"max_new_tokens": 1}}])
def test_a_limit_that_converse_does_not_read_lowers_nothing(body: dict[str, Any]) -> None:
    assert converse_output_tokens(body, 4096) == 4096


def test_a_field_for_the_model_itself_may_raise_the_limit_and_not_lower_it() -> None:
    asked = {"inferenceConfig": {"maxTokens": 100}}
    raised = asked | {"additionalModelRequestFields": {"max_tokens": 200}}
    lowered = asked | {"additionalModelRequestFields": {"max_tokens": 1}}
    alone = {"additionalModelRequestFields": {"max_tokens": 1}}
    assert converse_output_tokens(raised, 4096) == 200
    assert converse_output_tokens(lowered, 4096) == 100
    assert converse_output_tokens(alone, 4096) == 4096


@pytest.mark.parametrize("limit", [None, "77", 77.0, 0, -1, [77], {}])
def test_a_limit_that_is_no_positive_integer_is_none(limit: object) -> None:
    assert invoke_output_tokens({"max_tokens": limit}, 4096) == 4096
    assert converse_output_tokens({"inferenceConfig": {"maxTokens": limit}}, 4096) == 4096


@pytest.mark.parametrize("limit", ["77", 77.0, True, 0])
def test_a_limit_that_a_model_may_read_otherwise_is_not_relied_on_beside_another(
    limit: object,
) -> None:
    both = {"max_tokens": limit, "maxTokens": 5}
    assert invoke_output_tokens(both, 4096) == 4096
    asked = {"inferenceConfig": {"maxTokens": 5}, "additionalModelRequestFields": both}
    assert converse_output_tokens(asked, 4096) == 4096


def test_a_section_of_the_models_own_fields_may_hold_a_limit_too() -> None:
    fields = {"inferenceConfig": {"max_new_tokens": 200}}
    asked = {"inferenceConfig": {"maxTokens": 5}, "additionalModelRequestFields": fields}
    assert converse_output_tokens(asked, 4096) == 200


@pytest.mark.parametrize("name", ["best_of", "n", "num_generations", "numResults"])
def test_each_of_several_answers_may_be_as_long_as_the_limit(name: str) -> None:
    assert invoke_output_tokens({"max_tokens": 70, name: 3}, 4096) == 210
    assert invoke_output_tokens({name: 2.5}, 4096) == 3 * 4096
    asked = {"inferenceConfig": {"maxTokens": 70}, "additionalModelRequestFields": {name: 16}}
    assert converse_output_tokens(asked, 4096) == 16 * 70


@pytest.mark.parametrize("number", [None, "3", 0, -2, 1, [3], float("inf"), float("nan")])
def test_what_is_no_number_of_answers_is_one(number: object) -> None:
    assert invoke_output_tokens({"max_tokens": 70, "n": number}, 4096) == 70


@pytest.mark.parametrize("section", [None, [], "maxTokens", 5])
def test_a_section_that_is_no_object_says_nothing(section: object) -> None:
    body = {"inferenceConfig": section, "additionalModelRequestFields": section}
    assert converse_output_tokens(body, 4096) == 4096
    assert invoke_output_tokens(body, 4096) == 4096


@pytest.mark.parametrize(
    "asks",
    [
        {"anthropic_beta": ["context-1m-2025-08-07"]},
        {"additionalModelRequestFields": {"anthropic_beta": ["context-1m-2025-08-07"]}},
    ],
    ids=["invoke", "converse"],
)
def test_a_document_weighs_the_longer_context_that_its_request_asks_for(
    asks: dict[str, Any],
) -> None:
    body = {"messages": [{"content": [{"type": "document"}]}]}
    assert prompt_tokens(body, 100, 200_000, 0) == 200_000
    assert prompt_tokens({**body, **asks}, 100, 200_000, 0) == 1_000_000
