"""Figures for the operator, in the form that Prometheus reads."""

import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("hall_requests_total", "Requests by page, method and status.", ["page", "method", "status"])
SECONDS = Histogram(
    "hall_request_seconds",
    "Seconds to answer, by page.",
    ["page"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WAITING = Gauge("hall_tickets_waiting", "Tickets waiting now, by window.", ["window"], multiprocess_mode="mostrecent")
MAILS = Gauge("hall_mails", "Mails of the outbox, by state.", ["state"], multiprocess_mode="mostrecent")
CASES = Gauge("hall_cases", "Cases, by state.", ["state"], multiprocess_mode="mostrecent")


def observe(page: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(page, method, str(status)).inc()
    SECONDS.labels(page).observe(seconds)


def exposition() -> tuple[bytes, str]:
    """Return all figures as text and its content type; over all server processes where they share a folder."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
