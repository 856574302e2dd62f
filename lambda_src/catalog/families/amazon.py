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
    # Its tokenizer is not public: recorded counts are as with this one. The most of an image, and its
    # tokens by size: https://docs.aws.amazon.com/nova/latest/userguide/modalities-image.html.
    image_size=(8_000, 4_000),
    image_patch=25,
    frame_tokens=0,
    turn_tokens=2,
    call_tokens=13,
    tool_prompt=(340, 340),
)
AMAZON = (
    _NOVA,
    # Its reasoning comes as "[REDACTED]", and one client saw it refused when it went back
    # (https://github.com/can1357/oh-my-pi/pull/9086), so it does not.
    _NOVA._replace(
        name="nova-2",
        begins=("amazon.nova-2-",),
        reasoning="nova",
        abridges_reasoning=True,
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
