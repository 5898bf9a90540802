"""Many photos, pairs or claims in; one row each out, in order, whatever happens to single ones.

`plan` lists the work, `run_batch` does it. A row depends on its input and the job alone: not on the number
of workers, the engine, the batch size, or on how often the run was stopped and taken up again.
"""

from skinscan.batch.plan import Job, Kind, Plan, Unit, plan
from skinscan.batch.run import Engine, EngineOptions, make_rows, run_batch
from skinscan.batch.summary import BatchSummary

__all__ = [
    "BatchSummary",
    "Engine",
    "EngineOptions",
    "Job",
    "Kind",
    "Plan",
    "Unit",
    "make_rows",
    "plan",
    "run_batch",
]
