"""`python -m kineograph` and the `kineo` command."""
