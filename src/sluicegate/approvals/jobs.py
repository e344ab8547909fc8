"""The background jobs of approvals that concern no single ticket."""

from __future__ import annotations

from datetime import timedelta

from sluicegate.approvals import callbacks, connection, directory
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


@app.periodic(cron="31 * * * *")
@app.task(name="approvals.sync_directory", queueing_lock="sync_directory")
def sync_directory(timestamp: int) -> None:
    """Every hour, where that is set: people and departments are read again."""
    del timestamp
    current = connection.current()
    if current is None or not current.sync_hourly:
        return
    try:
        result = directory.sync()
    except SluicegateError as error:
        _log.warning("directory_not_synced", code=error.code)
        return
    _log.info("directory_synced", people=result.people, left=len(result.left), ended=len(result.ended))
