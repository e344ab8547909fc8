"""Measurements of what the project promises, each beside its peer in the same run: `make bench`."""
