"""Reads queries of CloudWatch Logs Insights, of those few commands that are used here.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import re

COMMANDS = {"fields", "filter", "limit", "sort", "stats"}
FUNCTIONS = {"bin", "count", "count_distinct", "ispresent", "pct", "sum"}
WORDS = {"and", "as", "by", "desc", "not"}


def fields_of(query: str) -> set[str]:
    """The fields of log lines that a query is about, without what CloudWatch itself adds to a line.

    Raises ValueError for a command or a function that is not known here.
    """
    # What is quoted is a value; what begins with @ is CloudWatch's own.
    bare = re.sub(r'"[^"]*"|@\w+', "", query)
    for command in bare.split("|"):
        if command.split()[0] not in COMMANDS:
            raise ValueError(f"not a command: {command}")
    if unknown := set(re.findall(r"(\w+)\(", bare)) - FUNCTIONS:
        raise ValueError(f"not functions: {unknown}")
    aliases = set(re.findall(r"\bas (\w+)", bare))
    words = set(re.findall(r"\b([a-zA-Z_]\w*)\b(?!\()", bare))
    return words - aliases - WORDS - COMMANDS
