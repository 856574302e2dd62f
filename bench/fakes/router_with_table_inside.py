"""The router, its key table a constant in its own process: what remains is without table calls.

A script, so that it starts as barely as the router does.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:1] = [str(ROOT), str(ROOT / "lambda_src")]

from router import __main__ as router  # noqa: E402
from router import app  # noqa: E402

from bench.fakes.key import updated  # noqa: E402 (importable from here on)


def _table_inside(_endpoint: object) -> object:
    return lambda _operation, request: updated(request["ExpressionAttributeNames"]["#reservation"])


if __name__ == "__main__":
    vars(app)["DynamoDbTable"] = _table_inside
    router.main()
