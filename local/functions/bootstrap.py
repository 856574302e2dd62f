"""Stands where Lambda's managed Python runtime has /var/runtime/bootstrap.py."""

import os
import sys

from awslambdaric.__main__ import main

# As in Lambda the function's own code comes first, and not the folder of this script.
sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
main([sys.argv[0], os.environ["_HANDLER"]])
