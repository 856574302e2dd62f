"""Synthesizes BedrockRouter: what `npx cdk` runs, and no different as `python app.py`."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

# The synthesis works on Node 20, which jsii otherwise calls past its end of life at every run.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")

import aws_cdk as cdk

from stacks.router_stack import BedrockRouterStack


def build_app(
    *,
    model_aliases: Mapping[str, str] | None = None,
    outdir: str | None = None,
    validate: bool = True,
) -> cdk.App:
    """The app with its one stack, `BedrockRouter`, not yet synthesized.

    Args:
        model_aliases: as `BedrockRouterStack` takes them.
        outdir: where `synth` writes.
            Omitted: where the CDK CLI says, or without the CLI a temporary directory.
        validate: whether `synth` checks the template against CloudFormation's schemas, which takes
            longer than all the rest.
    """
    # The CDK CLI alone reads cdk.json, and without its feature flags the template is another one.
    context = json.loads(Path(__file__).with_name("cdk.json").read_text())["context"]
    app = cdk.App(
        context=context,
        outdir=outdir,
        builtin_cloud_formation_validation=validate,
        # The CLI checks the bootstrap version before it deploys. The rule would check it again
        # inside the template, at the price of a parameter.
        default_stack_synthesizer=cdk.DefaultStackSynthesizer(
            generate_bootstrap_version_rule=False
        ),
    )
    BedrockRouterStack(app, "BedrockRouter", model_aliases=model_aliases)
    return app


if __name__ == "__main__":
    build_app().synth()
