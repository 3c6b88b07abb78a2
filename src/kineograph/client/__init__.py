"""The Python client, sync and async: from words to a film on any server of the native dialect. Needs the core alone."""

from kineograph.client.awaiting import AsyncClient
from kineograph.client.blocking import Client
from kineograph.client.errors import (
    BadDownload,
    Cancelled,
    ClientError,
    Conflict,
    Failed,
    Forbidden,
    Invalid,
    NoAnswer,
    NotFound,
    NotMade,
    NotSent,
    NotUnderstood,
    PaymentRequired,
    Refused,
    ServerError,
    TookTooLong,
    TooMany,
    Unauthenticated,
)
from kineograph.client.results import Balance, Event, Failure, Film, Model, Quote, Task, Upload, Video
from kineograph.client.wish import Wish

__all__ = [
    "AsyncClient",
    "BadDownload",
    "Balance",
    "Cancelled",
    "Client",
    "ClientError",
    "Conflict",
    "Event",
    "Failed",
    "Failure",
    "Film",
    "Forbidden",
    "Invalid",
    "Model",
    "NoAnswer",
    "NotFound",
    "NotMade",
    "NotSent",
    "NotUnderstood",
    "PaymentRequired",
    "Quote",
    "Refused",
    "ServerError",
    "Task",
    "TooMany",
    "TookTooLong",
    "Unauthenticated",
    "Upload",
    "Video",
    "Wish",
]
