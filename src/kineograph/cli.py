"""The `kineo` command: typer, thin over app."""
