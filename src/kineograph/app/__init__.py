"""app: the composition root. Settings -> parts -> server, worker, command. The only folder that knows everybody."""
