"""cli: the `kineo` command. Typer, thin over app; every command imports what it needs when it runs."""
