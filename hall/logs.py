"""Logs as JSON lines: what was asked for, how it ended, how long it took; never the words of a case."""

import logging
import sys
import time
from contextlib import suppress
from io import TextIOBase
from typing import Any, TextIO, cast

import structlog
from flask import Flask, Response, g, request

from hall.metrics import observe


class PatientStream(TextIOBase):
    """A stream for log lines that bears a full disk: a visitor's page does not fail for a line about it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what can be passed on."""
        with suppress(OSError):
            self.stream.flush()


def set_up() -> None:
    """Write every log line as one line of JSON to standard error, those of the libraries too."""
    # What the functions held when they failed may be the words of a case.
    traces = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            traces,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, PatientStream(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                traces,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def install(app: Flask) -> None:
    """Log and count every request of the app, by the name of its page, not by its address."""
    log = structlog.get_logger()

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        page = request.endpoint or "none"
        observe(page, request.method, response.status_code, seconds)
        log.info(
            "request",
            page=page,
            method=request.method,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
        return response
