"""`app.py` gives one and the same template however it is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CDK = ROOT / "node_modules" / ".bin" / "cdk"

OFFLINE = {"AWS_EC2_METADATA_DISABLED": "true", "CDK_DISABLE_CLI_TELEMETRY": "true"}


def run(command: list[str], *, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | OFFLINE | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_app_py_runs_quietly_in_any_directory_and_passes_cdks_validation(
    tmp_path: Path, template_path: Path
) -> None:
    outdir = tmp_path / "out"
    result = run([sys.executable, str(ROOT / "app.py")], cwd=tmp_path, CDK_OUTDIR=str(outdir))
    assert (result.stdout, result.stderr) == ("", "")
    assert (outdir / template_path.name).read_text() == template_path.read_text()
    report = json.loads((outdir / "validation-report.json").read_text())
    assert report["pluginReports"] == []


@pytest.mark.skipif(not CDK.exists(), reason="needs `npm ci`")
def test_the_cdk_cli_gives_the_template_of_app_py(tmp_path: Path, template_path: Path) -> None:
    run(
        [
            str(CDK),
            "synth",
            "--quiet",
            "--no-notices",
            "--no-validation",
            "--output",
            str(tmp_path),
        ],
        cwd=ROOT,
    )
    assert (tmp_path / template_path.name).read_text() == template_path.read_text()
