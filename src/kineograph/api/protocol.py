"""uvicorn's HTTP protocol, saying no in our words: what is not HTTP, and heads without end."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_json
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kineograph.api.errors import error_object
from kineograph.api.gate import new_request_id

HEAD_LIMIT = 64 * 1024  # bytes of request line and headers; the parser itself would collect them without bound


class Protocol(HttpToolsProtocol):
    """For `uvicorn.Config(http=Protocol)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = -1  # bytes of the head so far, -1 outside of one

    def on_message_begin(self) -> None:
        """The parser's: a request begins."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The parser's: its head is complete."""
        self._head = -1
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """The transport's: bytes came."""
        super().data_received(data)
        if self._head >= 0:
            self._head += len(data)
            if self._head > HEAD_LIMIT and not self.transport.is_closing():
                self.send_400_response(f"the request's head is larger than {HEAD_LIMIT // 1024} KB; send fewer headers")

    def send_400_response(self, msg: str) -> None:
        """Answers in the envelope and hangs up: nothing more can be read from this caller."""
        body = to_json({"error": error_object(400, msg, None, "malformed_http")})
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\nx-request-id: %b\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head % (len(body), new_request_id().encode()) + body)
        self.transport.close()
