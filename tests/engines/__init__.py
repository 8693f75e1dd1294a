"""The engine suite: real PostgreSQL, Redis and S3, and the whole studio over them. `make test-engines` runs it."""
