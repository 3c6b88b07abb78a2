"""Kineograph: a self-hosted video generation service."""

__version__ = "0.1.0"
