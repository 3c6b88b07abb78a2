"""Tell callers' servers what became of their tasks; and, for those servers, check that it was us: `verify`.

from kineograph.webhooks import verify
event = verify("whsec_…", request.headers, request.body)
"""

from kineograph.core.errors import BadSignature
from kineograph.core.signing import verify

__all__ = ["BadSignature", "verify"]
