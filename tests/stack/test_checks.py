"""What AWS's own and the community's checkers say of the template."""

import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import ManualArgs, lint_file

from app import build_app
from stacks import router_stack
from stacks.acknowledgements import ACKNOWLEDGEMENTS


def checked_app(outdir: Path) -> cdk.App:
    app = build_app(outdir=str(outdir), validate=False)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(tmp_path: Path) -> None:
    checked_app(tmp_path).synth()


def test_every_acknowledgement_answers_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_stack, "acknowledge", lambda _: None)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        checked_app(tmp_path).synth()
    (report,) = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    found = {
        (construct["constructPath"], violation["ruleName"])
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    }
    assert found == {
        (f"BedrockRouter/{path}/Resource", finding)
        for path, findings, _ in ACKNOWLEDGEMENTS
        for finding in findings
    }


def test_cfn_lint_is_content(template_path: Path) -> None:
    # W3005 calls a DependsOn needless that CDK writes beside every reference to a role.
    assert lint_file(template_path, config=ManualArgs(ignore_checks=["W3005"])) == []
