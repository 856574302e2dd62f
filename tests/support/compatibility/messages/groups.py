"""What docs/compatibility.md asks of every model in Messages: one table per group."""

from collections.abc import Mapping, Sequence

from tests.support.compatibility.messages.content import CONTENT
from tests.support.compatibility.messages.conversation import CONVERSATION
from tests.support.compatibility.messages.settings import CACHING, COUNTS, SETTINGS
from tests.support.compatibility.messages.thinking import THINKING
from tests.support.compatibility.messages.tools import TOOLS
from tests.support.compatibility.probes import Probe

MESSAGES: Mapping[str, Sequence[Probe]] = {
    "Conversation": CONVERSATION,
    "Content": CONTENT,
    "Tools": TOOLS,
    "Thinking and the form of the answer": THINKING,
    "Settings": SETTINGS,
    "Caching, context and betas": CACHING,
    "Counts and guardrails": COUNTS,
}
