"""What a command needs that works on the service's own data."""

from __future__ import annotations

import os

from sluicegate.core import log, parent
from sluicegate.core.config import Config, config, load
from sluicegate.core.crypto import master_key
from sluicegate.core.errors import ConfigurationError


def service_config(process: str, *, needs_key: bool = True) -> Config:
    """The configuration, with logging set up and the database known.

    Where no address is configured it is that of the private PostgreSQL which `up` runs on this machine.
    Call it before anything reads the configuration or imports Django's settings.

    Raises:
        ConfigurationError: a wrong setting, ``database_url_missing``, or no usable key.
    """
    parent.die_with_supervisor()
    given = load(os.environ)
    if given.database_url is None:
        os.environ["DATABASE_URL"] = _private_address(given)
    log.configure(config(), process)
    if needs_key:
        master_key()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sluicegate.project.settings")
    return config()


def _private_address(given: Config) -> str:
    from sluicegate.project.postgres import PrivatePostgres  # noqa: PLC0415 - only needed here, and slow

    address = PrivatePostgres.running(given.data_dir)
    if address is None:
        raise ConfigurationError("database_url_missing", path=str(given.data_dir))
    return address
