"""SQL KeyStore."""
