"""The composition root: settings -> parts -> ASGI app or worker. The only file that knows everybody."""
