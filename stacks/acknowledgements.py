"""Every finding of cdk-nag's AwsSolutions rules that stands in BedrockRouter, and why it may."""

from typing import TYPE_CHECKING, NamedTuple

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct


class Acknowledgement(NamedTuple):
    """Findings on one construct, at `path` in the stack, that stand for one and the same reason."""

    path: str
    findings: tuple[str, ...]
    reason: str


ACKNOWLEDGEMENTS = (
    Acknowledgement(
        "KeyStore/HmacSecret",
        ("AwsSolutions-SMG4",),
        "A key stops working two rotations after it was issued. On a schedule that would revoke "
        "keys nobody decided to revoke, so the owner rotates, when there is a cause.",
    ),
    Acknowledgement(
        "Console/AdminKey",
        ("AwsSolutions-SMG4",),
        "A person holds this key. A schedule would lock the owner out without a word, so the owner "
        "replaces it, when there is a cause.",
    ),
    Acknowledgement(
        "Proxy/Role/DefaultPolicy",
        ("AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/*]",),
        "The proxy serves every model; which ones a key may use is decided key by key. The Region "
        "is open because AWS chooses where a cross-Region profile runs its model.",
    ),
    Acknowledgement(
        "Proxy/Role/DefaultPolicy",
        tuple(
            "AwsSolutions-IAM5[Resource::"
            f"arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:{kind}/*]"
            for kind in (
                "application-inference-profile",
                "custom-model-deployment",
                "default-prompt-router",
                "imported-model",
                "inference-profile",
                "prompt-router",
                "provisioned-model",
            )
        ),
        "Profiles, prompt routers and deployed models come and go after the stack is deployed and "
        "are named by clients. Only those of the stack's own account and Region are allowed.",
    ),
    Acknowledgement(
        "Proxy/Role/DefaultPolicy",
        (
            (
                "AwsSolutions-IAM5[Resource::"
                "arn:<AWS::Partition>:bedrock:*:<AWS::AccountId>:project/default]"
            ),
        ),
        "Only the default project of the stack's own account is allowed. The Region is open because "
        "AWS chooses where a cross-Region profile runs its model, and a stored response stays there.",
    ),
    Acknowledgement(
        "Proxy/Role/DefaultPolicy",
        tuple(
            "AwsSolutions-IAM5[Resource::"
            f"arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:{kind}/*]"
            for kind in ("guardrail", "guardrail-profile")
        ),
        "Guardrails come and go after the stack is deployed and are named by clients. Applying one "
        "changes nothing, and only those of the stack's own account and Region are allowed.",
    ),
    Acknowledgement(
        "Proxy/Role/DefaultPolicy",
        ("AwsSolutions-IAM5[Resource::*]",),
        "ListFoundationModels and ListInferenceProfiles cannot be narrowed to a resource. They "
        "read names and change nothing.",
    ),
    Acknowledgement(
        "Console/Role/DefaultPolicy",
        ("AwsSolutions-IAM5[Resource::*]",),
        "GetCostAndUsage reads what the account as a whole is billed, to compare it with what keys "
        "were charged, and changes nothing. Costs belong to no resource it could be narrowed to.",
    ),
)


def acknowledge(stack: cdk.Stack) -> None:
    """Records `ACKNOWLEDGEMENTS` on the constructs of a `BedrockRouterStack`."""
    for path, findings, reason in ACKNOWLEDGEMENTS:
        construct: IConstruct = stack
        for construct_id in path.split("/"):
            construct = construct.node.find_child(construct_id)
        for finding in findings:
            cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))
