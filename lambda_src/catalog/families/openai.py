"""OpenAI's and xAI's models.

Stop sequences, temperature and top_p: "This model doesn't support the … field" (tried:
`bedrock_rejects_stop_sequences` of litellm; https://github.com/crewAIInc/crewAI/issues/3317 for
gpt-oss). Limits below 16 are refused (litellm).

Their own routes: `store` and `previous_response_id` exist on ``/openai/v1/responses`` alone, and so
do prompt caches for GPT. Chat Completions stay on Converse for GPT, whose own route refuses tools
for a model that reasons and has no guardrails (card of GPT-6 Astra); Grok's takes both, and knows
efforts and JSON Schema, which Converse does not for Grok (card of Grok 4.6, litellm). gpt-oss
stays on Converse: its own route writes its reasoning into the answer and ignores JSON Schema.
"""

from catalog.families.family import SAMPLING, Family

_NUMBERS = SAMPLING - {"stop"}

_GPT = Family(
    "gpt",
    ("openai.gpt-",),
    sampling=frozenset(),
    least_tokens=16,
    reasoning="effort",
    effort_path=("reasoning", "effort"),
    efforts=("low", "medium", "high", "xhigh", "max"),
    reasons_unasked=True,
    hides_reasoning=True,
    # https://github.com/strands-rl/strands-env/pull/258
    replays=frozenset({"redacted"}),
    # `outputConfig` works with GPT for whole answers only, and for schemas of OpenAI's strict kind.
    structured="tool",
    # 1.2 for each of at most 30,000 patches, as images keep their size unless asked otherwise:
    # https://developers.openai.com/api/docs/guides/images-vision.
    image_tokens=36_000,
    native=frozenset({"responses"}),
)
OPENAI = (
    _GPT,
    _GPT._replace(
        name="gpt-5",
        begins=("openai.gpt-5.4", "openai.gpt-5.5"),
        efforts=("none", "low", "medium", "high", "xhigh"),
    ),
    _GPT._replace(
        name="gpt-5-6",
        begins=(
            "openai.gpt-5.6-",
            "openai.gpt-6-sol",
            "openai.gpt-6-luna",
            "openai.gpt-6.1-terra",
        ),
        efforts=("none", "low", "medium", "high", "xhigh", "max"),
    ),
    # Forced tools: https://github.com/langchain-ai/langchain-aws/issues/1278.
    Family(
        "gpt-oss",
        ("openai.gpt-oss-",),
        sampling=_NUMBERS,
        reasoning="effort",
        effort_path=("reasoning_effort",),
        efforts=("low", "medium", "high"),
        reasons_unasked=True,
        replays=frozenset({"text"}),
        structured="native",
        # The system message of its harmony format:
        # https://cookbook.openai.com/articles/openai-harmony.
        frame_tokens=65,
    ),
    Family(
        "grok",
        ("xai.grok-",),
        sampling=frozenset(),
        least_tokens=16,
        reasoning="fixed",
        efforts=("low", "medium", "high", "xhigh"),
        reasons_unasked=True,
        hides_reasoning=True,
        native=frozenset({"chat", "responses"}),
    ),
)
