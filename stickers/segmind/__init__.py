"""Speaks Segmind's asynchronous v2 API: submit, status, result, download, credits. httpx, no Django."""
