"""What is refused before anything starts, with words that say what to do."""

import pytest

from local.options import (
    OptionError,
    bound_socket,
    checked_endpoint,
    checked_url,
    parse_aliases,
    require_node,
)


def test_aliases_are_names_and_ids() -> None:
    assert parse_aliases(["gpt-5=us.a.b-v1:0", "x=y=z"]) == {"gpt-5": "us.a.b-v1:0", "x": "y=z"}


@pytest.mark.parametrize("definition", ["gpt-5", "=id", "name="])
def test_alias_without_name_or_id_is_refused(definition: str) -> None:
    with pytest.raises(OptionError, match="NAME=ID"):
        parse_aliases([definition])


@pytest.mark.parametrize("endpoint", ["simulated", "aws", "https://vpce-1.example/"])
def test_bedrock_is_a_word_or_a_url(endpoint: str) -> None:
    assert checked_endpoint("--bedrock", endpoint) == endpoint


@pytest.mark.parametrize("url", ["real", "ftp://host", "http://", ""])
def test_what_is_no_url_is_refused_by_the_options_name(url: str) -> None:
    with pytest.raises(OptionError, match="--bedrock"):
        checked_endpoint("--bedrock", url)
    with pytest.raises(OptionError, match="--openai-url"):
        checked_url("--openai-url", url)


def test_url_may_be_left_out() -> None:
    assert checked_url("--openai-url", None) is None


def test_port_in_use_is_refused_by_the_options_name() -> None:
    with bound_socket("--port", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OptionError, match=f"--port {port}: Address already in use"):
            bound_socket("--port", port)


def test_missing_node_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    require_node({})
    with pytest.raises(OptionError, match="needs Node 20"):
        require_node({"JSII_NODE": "/nonexistent/node"})
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OptionError, match="'node' was not found"):
        require_node({})
