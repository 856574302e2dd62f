"""Amazon's own models."""

from catalog.families.family import Family

_NOVA = Family(
    "nova",
    ("amazon.nova-",),
    # https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html and, for the bound,
    # https://docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html
    extra={"top_k": ("inferenceConfig", "topK")},
    most={"top_k": 128},
    cache_ttls=("5m",),
    cached=frozenset({"system", "messages"}),
)
AMAZON = (
    _NOVA,
    # Its reasoning comes as "[REDACTED]", and one client saw it refused when it went back
    # (https://github.com/can1357/oh-my-pi/pull/9086), so it does not.
    _NOVA._replace(
        name="nova-2",
        begins=("amazon.nova-2-",),
        reasoning="nova",
        efforts=("none", "low", "medium", "high"),
    ),
    Family(
        "titan-text",
        ("amazon.titan-text-", "amazon.titan-tg1-"),
        system=False,
        tools=False,
        structured="instructions",
    ),
)
