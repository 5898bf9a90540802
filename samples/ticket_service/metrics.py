"""What Prometheus reads."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = ["ANSWERS", "DEPTH", "JOBS", "SECONDS", "WEBHOOKS"]

ANSWERS = Counter("tickets_answers_total", "Answers by status", ["status"])
JOBS = Counter("tickets_jobs_total", "Jobs that ended", ["kind", "how"])
SECONDS = Histogram(
    "tickets_job_seconds", "Wall time of a job", ["kind"], buckets=(0.1, 0.3, 1, 3, 10, 30, 100)
)
DEPTH = Gauge("tickets_queue_depth", "Jobs that wait or run")
WEBHOOKS = Counter("tickets_webhooks_total", "Attempts to deliver", ["how"])
