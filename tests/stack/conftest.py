"""The stack as `app.py` makes it, synthesized once."""

import json
from pathlib import Path

import pytest

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
