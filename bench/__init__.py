"""Measures the router's speed and size: ``python -m bench``. See docs/benchmark.md."""

import sys
from pathlib import Path

# The functions' import root, where `router`, `ledger` and `catalog` are.
sys.path.append(str(Path(__file__).resolve().parents[1] / "lambda_src"))
