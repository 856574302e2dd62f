"""The real Bedrock calls that tests hold the code to.

They live beside the checkout (``../shared/recordings``) or where ``BEDROCK_RECORDINGS`` says, and are
not part of the project. A test that needs them asks for them through `load`, and is skipped with the
reason when they are absent.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(
    os.environ.get("BEDROCK_RECORDINGS")
    or Path(__file__).parents[2].parent / "shared" / "recordings"
)


@cache
def index() -> list[dict[str, Any]]:
    """The rows of ``index.json``; empty when there are no recordings on this machine."""
    path = ROOT / "index.json"
    return json.loads(path.read_text()) if path.exists() else []


def load(recording_id: str) -> dict[str, Any]:
    """One recording by its id; skips the test when the recordings are absent."""
    for row in index():
        if row["id"] == recording_id:
            return json.loads((ROOT / row["file"]).read_text())
    pytest.skip(f"no recorded Bedrock calls at {ROOT}: recording {recording_id} is needed")


def parametrize(**wanted: Any) -> pytest.MarkDecorator:
    """Parametrizes `recording_id` over the recordings whose index rows have the `wanted` values."""
    ids = [row["id"] for row in index() if all(row.get(k) == v for k, v in wanted.items())]
    absent = pytest.param("", marks=pytest.mark.skip(f"no recorded Bedrock calls at {ROOT}"))
    return pytest.mark.parametrize("recording_id", ids or [absent])
