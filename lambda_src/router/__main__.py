"""The data plane's process: ``python -m router``, started by ``bin/start-router``."""

import gc
import os
import sys
from typing import NoReturn

from router import metering, runtime, settings
from router.app import build


def main() -> NoReturn:
    """Serves until Lambda ends the process; exits with 1 when it cannot start."""
    try:
        read = settings.from_environment(os.environ)
        handler = build(read)
    except Exception as error:
        metering.log_error(error)
        if api := os.environ.get("AWS_LAMBDA_RUNTIME_API"):
            runtime.report_init_error(api, error)
        sys.exit(1)
    # What is loaded now stays, so the collector need not look through it with every large request.
    gc.freeze()
    runtime.run(read.runtime_api, handler)


if __name__ == "__main__":
    main()
