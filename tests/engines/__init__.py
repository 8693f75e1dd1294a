"""The engine suite: real PostgreSQL, Redis, S3 and RabbitMQ, and the studio on them. `make test-engines` runs it."""
