"""The background jobs of approvals that concern no single ticket."""

from __future__ import annotations

from datetime import timedelta

from sluicegate.approvals import callbacks
from sluicegate.core.config import config
from sluicegate.core.errors import SluicegateError
from sluicegate.core.log import logger
from sluicegate.core.queue import app

_log = logger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="approvals.failed_callbacks", queueing_lock="failed_callbacks")
def failed_callbacks(timestamp: int) -> None:
    """Every minute: the list of events that didn't reach our address is asked for where it is due."""
    del timestamp
    if not callbacks.failed_due(timedelta(seconds=config().reconcile_seconds)):
        return
    try:
        callbacks.fetch_failed()
    except SluicegateError as error:
        # What it holds will be read by the reconciler, if later.
        _log.warning("failed_callbacks_not_read", code=error.code)
