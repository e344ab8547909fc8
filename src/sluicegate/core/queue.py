"""The job queue: Procrastinate on Django's connection, so that a job is enqueued by the transaction that
makes it necessary, or not at all.

An app declares its jobs in a module ``jobs`` with ``@app.task(...)`` and enqueues with ``job.defer(...)``,
in jobs too. (``JobContext.app`` is another one, with the worker's own connections: it enqueues at once.)
"""

from __future__ import annotations

from procrastinate.contrib.django import app

__all__ = ["app"]
