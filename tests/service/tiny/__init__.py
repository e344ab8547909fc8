"""A Django app with nothing but jobs, for testing the worker without the service's tables."""
