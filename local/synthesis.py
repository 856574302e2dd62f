"""The stack's template and code, as the CDK makes them for a deployment.

`python -m local.synthesis OUTDIR ALIASES` writes the cloud assembly; ALIASES is a JSON object.
"""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple


class Asset(NamedTuple):
    """A folder that a deployment zips into a bucket; both names hold `${AWS::…}` variables."""

    folder: Path
    bucket: str
    key: str


class Assembly(NamedTuple):
    stack_name: str
    template: dict[str, Any]
    assets: list[Asset]


def read_assembly(outdir: Path) -> Assembly:
    """The one stack of the assembly in `outdir`. Raises ValueError if there are more."""
    manifest = json.loads((outdir / "manifest.json").read_text())
    stacks = [
        (name, artifact["properties"]["templateFile"])
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
    if len(stacks) != 1:
        raise ValueError(
            f"expected one stack in the assembly, found {[name for name, _ in stacks]}"
        )
    stack_name, template_file = stacks[0]
    files = json.loads((outdir / f"{stack_name}.assets.json").read_text())["files"]
    return Assembly(
        stack_name,
        json.loads((outdir / template_file).read_text()),
        [
            Asset(
                outdir / file["source"]["path"], destination["bucketName"], destination["objectKey"]
            )
            for file in files.values()
            if file["source"]["packaging"] == "zip"
            for destination in file["destinations"].values()
        ],
    )


if __name__ == "__main__":
    from app import build_app

    build_app(outdir=sys.argv[1], model_aliases=json.loads(sys.argv[2]), validate=False).synth()
