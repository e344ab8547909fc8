"""A local DingTalk: the parts of the open platform that approvals need, over real sockets.

Both API hosts, the Stream gateway and a page for the approver on one port, all state in memory.
It knows nothing of the service that talks to it.
"""
