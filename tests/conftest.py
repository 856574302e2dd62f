"""What holds for every test."""

import os

from hypothesis import settings

# How long an example takes is the machine's affair. A gate that fails by chance stops the wrong change,
# so the examples are the same every time; HYPOTHESIS_PROFILE=random tries others.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
