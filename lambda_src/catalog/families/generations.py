"""Generations of Claude, as the names of their families, for tables of what Claude alone has."""

CLAUDE_4 = frozenset({"claude-4", "claude-opus-4-1"})
CLAUDE_4_5 = frozenset({"claude-4-5", "claude-haiku-4-5", "claude-opus-4-5"})
CLAUDE_5 = frozenset(
    {
        "claude-5",
        "claude-opus-5",
        "claude-fable-5",
        "claude-fable-5-1",
        "claude-opus-5-5",
        "claude-sonnet-5-5",
    }
)
FROM_4_8 = CLAUDE_5 | {"claude-opus-4-8"}
FROM_4_7 = FROM_4_8 | {"claude-4-7"}
FROM_4_6 = FROM_4_7 | {"claude-4-6"}
FROM_4_5 = FROM_4_6 | CLAUDE_4_5
FROM_4 = FROM_4_5 | CLAUDE_4
FROM_3_7 = FROM_4 | {"claude-3-7"}
