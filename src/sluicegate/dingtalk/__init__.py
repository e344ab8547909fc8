"""A client for DingTalk's open platform: approvals, contacts, messages, events. No framework, no database."""
