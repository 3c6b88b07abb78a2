"""FileStore on obstore."""
