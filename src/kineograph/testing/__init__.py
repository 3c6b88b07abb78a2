"""Public fakes: the ports in memory. They pass the contract suites."""

from kineograph.testing.deliveries import MemoryDeliveries
from kineograph.testing.fleet import MemoryFleet
from kineograph.testing.keys import MemoryKeyStore
from kineograph.testing.ledger import MemoryLedger
from kineograph.testing.queue import MemoryQueue
from kineograph.testing.stores import Clock, MemoryFileStore, MemoryTaskStore

__all__ = [
    "Clock",
    "MemoryDeliveries",
    "MemoryFileStore",
    "MemoryFleet",
    "MemoryKeyStore",
    "MemoryLedger",
    "MemoryQueue",
    "MemoryTaskStore",
]
