"""For all tests: the real servers they talk to."""

pytest_plugins = ["tests.servers.fixtures"]
