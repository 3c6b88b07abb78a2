"""Workers by the hundred on a small machine: one process imports everything, and every other is its fork and shares its memory.

Started by fleet.py:  python benchmarks/nursery.py SOCKET
Each connection hands over stdin, stdout and stderr and says what to run: `worker ARGUMENTS…` for a supervisor, `_child` for what
a supervisor starts. Apart from how they are born they are the processes of `kineo worker`.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from pathlib import Path

# What a supervisor starts instead of Python: hands its pipes to the nursery and waits for the end of the child.
CRADLE = """#!{python} -SEI
import os, socket
with socket.socket(socket.AF_UNIX) as line:
    line.connect({path!r})
    socket.send_fds(line, [b"_child"], [0, 1, 2])
    os.closerange(0, 2)
    line.recv(1)
"""


def main(path: Path) -> None:
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401 - imported to be shared

    import kineograph.app.child
    import kineograph.app.working
    import kineograph.cli.main
    import kineograph.engines.bars
    import kineograph.media.poster
    import kineograph.media.probe
    import kineograph.store.postgres  # noqa: F401 - imported to be shared

    cradle = path.with_name("cradle")
    cradle.write_text(CRADLE.format(python=sys.executable, path=str(path)))
    cradle.chmod(0o755)
    sys.executable = str(cradle)
    gc.collect()
    gc.freeze()  # so that no collection writes to what is shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as nursery:
        nursery.bind(str(path))
        nursery.listen(512)
        while True:
            line, _ = nursery.accept()
            words, pipes, _flags, _address = socket.recv_fds(line, 65536, 3)
            if os.fork() == 0:
                nursery.close()
                live(words.decode().split("\n"), pipes)
            for pipe in pipes:
                os.close(pipe)
            line.close()


def live(words: list[str], pipes: list[int]) -> None:
    """In the fork: become that process. Its line stays open until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    from kineograph.__main__ import main as kineo

    sys.argv = ["kineo", *words]
    code = 1
    try:
        kineo()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    finally:
        os._exit(code)


def born(path: Path, words: list[str], log: int) -> socket.socket:
    """Ask for a process. The line ends with it."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(path))
    with open(os.devnull) as nothing:  # noqa: PTH123 - a number is wanted
        socket.send_fds(line, ["\n".join(words).encode()], [nothing.fileno(), log, log])
    return line


if __name__ == "__main__":
    main(Path(sys.argv[1]))
