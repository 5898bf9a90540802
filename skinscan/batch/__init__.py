"""Many photos, pairs or claims in; one row each out, in order, whatever happens to single ones.

`plan` lists the work, `run_batch` does it. A row depends on its input and the job alone: not on the number
of workers, the engine, the batch size, or on how often the run was stopped and taken up again.
"""

from skinscan.batch.plan import Job, Kind, Plan, Unit, plan
from skinscan.batch.run import Engine, Means, make_rows, run_batch
from skinscan.batch.summary import Tally

__all__ = ["Engine", "Job", "Kind", "Means", "Plan", "Tally", "Unit", "make_rows", "plan", "run_batch"]
