"""The project's own chores, standard library only: `python dev.py check` is what CI and the README run."""

import subprocess
import sys
import time

STYLE = [
    ("ruff", [sys.executable, "-m", "ruff", "check", "."]),
    ("format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("mypy", [sys.executable, "-m", "mypy"]),
    ("imports", [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]),
]
TESTS = [("tests", [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"])]
CHAOS = [("chaos", [sys.executable, "-m", "pytest", "-q", "-m", "chaos"])]
LONG = [("chaos-long", [sys.executable, "-m", "pytest", "-q", "-s", "-m", "chaos", "tests/chaos/test_chaos.py"])]
BROWSER = [("browser", [sys.executable, "-m", "pytest", "-q", "-s", "-m", "browser", "tests/browser"])]
SDK = [("sdk", [sys.executable, "-m", "pytest", "-q", "-m", "sdk"])]
DOCS = [("docs", [sys.executable, "docs/generate.py"])]

CHORES = {
    "check": STYLE + TESTS,
    "style": STYLE,
    "test": TESTS,
    "chaos": CHAOS,
    "chaos-long": LONG,  # KINEO_CHAOS_KILLS=1000 python dev.py chaos-long
    "browser": BROWSER,  # needs Chromium, and pip install -e '.[test,browser]'
    "sdk": SDK,  # pip install -e .[test,sdk] first; Node too, see tests/sdk/test_ai_sdk.py
    "docs": DOCS,
}


def main() -> int:
    """Run one chore's commands in turn; the first failure ends it."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in CHORES:
        print(f"usage: python dev.py {' | '.join(CHORES)}", file=sys.stderr)
        return 2
    for label, command in CHORES[name]:
        start = time.monotonic()
        print(f"── {label}", flush=True)
        code = subprocess.call(command)
        if code:
            print(f"── {label} failed ({code})", file=sys.stderr)
            return code
        print(f"── {label} {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
