"""ClickHouse: analysis of scripts, no driver."""
