"""Sluicegate: ticketed database changes, approved in DingTalk, executed exactly as approved."""

__version__ = "0.1.0"
