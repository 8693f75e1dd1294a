#!/bin/sh
# gunicorn 27.0.1, worker class gthread: a client that doesn't hang up stops the whole worker for two seconds.
#
# A thread answers a request. When that answer ends the connection, the worker closes it gracefully: it sends the end of
# the stream and waits, for 2 s at most, until the client does the same. It does so in its main loop, which also takes
# new connections and hands all requests to the threads. So four clients that ask with "Connection: close" and read the
# answer, but keep their socket open, delay everybody else by 8 s, however many threads are free.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1
cat > "$folder/app.py" <<'PYTHON'
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PYTHON
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import http.client
import socket
import subprocess
import sys
import time

import gunicorn

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
command = [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
server = subprocess.Popen([*command, "--worker-class", "gthread", "--threads", "8", "--no-control-socket"])


def seconds():
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"ok"
    connection.close()
    return time.perf_counter() - begun


try:
    while True:
        try:
            seconds()
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    quiet = min(seconds() for _ in range(5))
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert clients[0].recv(1000).startswith(b"HTTP/1.1 200 OK")
    beside = seconds()
finally:
    server.terminate()
    server.wait()
print(f"gunicorn {gunicorn.__version__}: quiet {quiet:.3f} s, beside 4 clients that don't hang up {beside:.3f} s")
assert beside > 2, "it has changed"
PYTHON
# Seen: gunicorn 27.0.1: quiet 0.001 s, beside 4 clients that don't hang up 8.009 s
