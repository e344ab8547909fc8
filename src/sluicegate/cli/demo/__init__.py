"""`sluicegate demo`: a ticket's whole way, on this machine, on real servers, through the service's own API.

Everything lives in one directory that is removed in the end. Nothing is imported from the service's inside:
the tour goes the way a browser or a script would, and looks at the targets past the service.
"""
