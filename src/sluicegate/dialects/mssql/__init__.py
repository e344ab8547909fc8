"""Microsoft SQL Server: analysis of scripts, no driver."""
