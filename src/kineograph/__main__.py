"""`python -m kineograph` and the `kineo` command."""

import gc
import sys


def main() -> None:
    """Run the command line; a supervisor's child goes its own, shorter way."""
    if sys.argv[1:2] == ["_child"]:
        gc.disable()  # walking what is imported, again and again, is a tenth of a child's start
        from kineograph.app.child import run_child

        gc.enable()
        run_child()
        return
    from kineograph.cli.main import app

    app()


if __name__ == "__main__":
    main()
