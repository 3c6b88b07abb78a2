"""Where a caller is and how we are called: Host, forwarded headers, the operator's setting."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.api.edge import Edge
from kineograph.core.errors import OperatorError

PROXY, CALLER = "10.0.0.1", "203.0.113.7"
FORWARDED = {
    "x-forwarded-for": f"198.51.100.1, {CALLER}",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "films.example",
}


def _scope(peer: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"scheme": "http", "headers": pairs, "client": (peer, 1), "server": ("127.0.0.1", 8000)}


def test_without_a_setting_links_are_as_the_caller_wrote_us() -> None:
    assert Edge(None, ()).base_url(_scope(CALLER, host="films.example:8443")) == "http://films.example:8443"
    assert Edge(None, ()).base_url(_scope(CALLER, host="[2001:db8::1]:80")) == "http://[2001:db8::1]:80"


def test_the_setting_wins_and_its_slash_does_not_double() -> None:
    assert Edge("https://api.example/", ()).base_url(_scope(CALLER, host="x")) == "https://api.example"


@pytest.mark.parametrize(
    "host", ["evil.example/path", "a b", "a@b", "x\r\ny", "", "[::1", "exa<mple", "h:123456", "x" * 300]
)
def test_a_forged_host_never_ends_up_in_a_link(host: str) -> None:
    assert Edge(None, ()).base_url(_scope(CALLER, host=host)) == "http://127.0.0.1:8000"


def test_forwarded_headers_count_only_from_trusted_proxies() -> None:
    told = FORWARDED | {"host": "10.0.0.9"}
    trusting, wary = Edge(None, ("10.0.0.0/8",)), Edge(None, ())
    assert trusting.base_url(_scope(PROXY, **told)) == "https://films.example"
    assert trusting.address(_scope(PROXY, **told)) == CALLER
    for edge, peer in ((wary, PROXY), (trusting, CALLER)):
        assert edge.base_url(_scope(peer, **told)) == "http://10.0.0.9"
        assert edge.address(_scope(peer, **told)) == peer


def test_the_callers_own_forwarded_entries_are_not_believed() -> None:
    told = {"x-forwarded-for": f"1.2.3.4, {CALLER}, 10.0.0.2"}
    assert Edge(None, ("10.0.0.0/8",)).address(_scope(PROXY, **told)) == CALLER


def test_a_star_trusts_everybody() -> None:
    assert Edge(None, ("*",)).base_url(_scope(CALLER, **FORWARDED)) == "https://films.example"


@pytest.mark.parametrize("proto", ["javascript", "https, http", ""])
def test_a_forwarded_scheme_is_http_or_https(proto: str) -> None:
    base = Edge(None, ("*",)).base_url(_scope(PROXY, host="h", **{"x-forwarded-proto": proto}))
    assert base in {"http://h", "https://h"}


def test_an_ipv6_household_is_one_address() -> None:
    edge = Edge(None, ())
    assert edge.address(_scope("2001:db8::1")) == edge.address(_scope("2001:db8::ffff:1"))
    assert edge.address(_scope("2001:db8::1")) != edge.address(_scope("2001:db8:0:1::1"))


def test_a_wrong_proxy_setting_is_the_operators_to_mend() -> None:
    with pytest.raises(OperatorError, match="trusted_proxies"):
        Edge(None, ("proxy.local",))
