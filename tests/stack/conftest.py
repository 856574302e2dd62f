"""The stack as `app.py` makes it, synthesized once."""

import json
from pathlib import Path

import pytest
from catalog.models import load
from catalog.pricing import Usage
from router.metering import Record, line

from app import build_app
from tests.support.cloudformation import Template


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory the app was synthesized into."""
    outdir = tmp_path_factory.mktemp("assembly")
    build_app(outdir=str(outdir), validate=False).synth()
    return outdir


@pytest.fixture(scope="session")
def template_path(assembly: Path) -> Path:
    return assembly / "BedrockRouter.template.json"


@pytest.fixture(scope="session")
def template(template_path: Path) -> Template:
    loaded: Template = json.loads(template_path.read_text())
    return loaded


@pytest.fixture(scope="session")
def metering_lines() -> list[str]:
    """What the router logs of a call that fared well, one that failed, and one that was refused."""
    target = load(region="eu-central-1").resolve("amazon.nova-2-lite-v1:0")
    call = Record(
        "id",
        "converse-stream",
        0.0,
        2.0,
        200,
        key_id="key",
        target=target,
        usage=Usage(1, 2, 3, 4, 5),
        cost=6,
        cache_savings=7,
        first_token_at=1.0,
    )
    throttled, refused = call._replace(error="throttled"), call._replace(error="invalid_key")
    return [line(record) for record in (call, throttled, refused)]
