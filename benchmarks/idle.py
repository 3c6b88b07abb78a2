"""What an idle server costs: resident memory of API and worker child, and CPU over ten seconds.

    python benchmarks/idle.py

Memory is counted twice: RSS (shared pages counted in every process) and PSS (shared pages divided).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

import kineograph


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        (data / "kernels").mkdir(parents=True)
        (data / "kernels" / f"warm-{kineograph.__version__}").touch()
        command = [sys.executable, "-m", "kineograph", "serve", "--port", "0", "--data", str(data)]
        server = subprocess.Popen(command, cwd=name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(6)
            family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
            before = sum(sum(process.cpu_times()[:2]) for process in family)
            time.sleep(10)
            spent = sum(sum(process.cpu_times()[:2]) for process in family) - before
            memory = [process.memory_full_info() for process in family]
        finally:
            server.terminate()
            server.wait()
    rss, pss = (sum(getattr(found, kind) for found in memory) / 1e6 for kind in ("rss", "pss"))
    print(
        f"{len(family)} processes: RSS {rss:.0f} MB, PSS {pss:.0f} MB (target ≤ 200); CPU {spent / 10 * 100:.1f} % (target ≤ 5)"
    )


if __name__ == "__main__":
    main()
