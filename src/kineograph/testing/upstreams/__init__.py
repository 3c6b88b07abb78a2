"""Fake upstreams, each a real server in a process of its own on loopback: for our tests, and for yours.

with FakeArk(making=5) as ark:          # or: python -m kineograph.testing.upstreams.ark --port 9000
    ...                                 # ark.base_url, ark.key; ark.asked(), ark.say("get", status=500)
"""

from kineograph.testing.upstreams.server import FakeApimart, FakeArk, FakeOpenai, FakeUpstream

__all__ = ["FakeApimart", "FakeArk", "FakeOpenai", "FakeUpstream"]
