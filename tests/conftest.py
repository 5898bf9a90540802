"""What every test shares."""

from hypothesis import settings

# A slow or busy machine is no fault of the code, and the same examples on every run are no fault of the test.
settings.register_profile("skinscan", deadline=None, derandomize=True)
settings.load_profile("skinscan")
