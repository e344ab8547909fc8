"""MySQL and the databases that speak its language and protocol."""
