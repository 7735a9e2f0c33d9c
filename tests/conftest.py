"""What holds for the whole suite."""

from hypothesis import HealthCheck, settings

# A busy machine is slow, and no test says how fast anything is: benchmarks do.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
