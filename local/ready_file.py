"""Ready files: how a process says that it serves, and where."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_ready_file(path: Path, fields: Mapping[str, str | int | None]) -> None:
    """Put `fields` at `path` as JSON, in one step, readable by the owner alone."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # created as 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(fields, file, indent=2)
        file.write("\n")
    Path(draft).replace(path)


def read_ready_file(path: Path) -> dict[str, Any] | None:
    """What is at `path`, or None while there is nothing."""
    try:
        fields: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return fields
