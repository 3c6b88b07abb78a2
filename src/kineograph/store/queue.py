"""The durable queue: DBOS tickets. The only module that knows DBOS."""
