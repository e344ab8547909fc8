"""Oracle Database: analysis of scripts, no driver."""
