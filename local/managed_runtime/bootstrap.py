"""Stands where Lambda's managed Python runtime has /var/runtime/bootstrap.py.

In a folder of its own, because Python puts a script's folder at the head of `sys.path`.
"""

import os
import sys

from awslambdaric.__main__ import main

main([sys.argv[0], os.environ["_HANDLER"]])
