"""Public fakes: the ports in memory. They pass the contract suites."""

from kineograph.testing.fleet import MemoryFleet
from kineograph.testing.queue import MemoryQueue
from kineograph.testing.stores import Clock, MemoryFileStore, MemoryKeyStore, MemoryTaskStore

__all__ = ["Clock", "MemoryFileStore", "MemoryFleet", "MemoryKeyStore", "MemoryQueue", "MemoryTaskStore"]
