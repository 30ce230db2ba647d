"""A small web server for tests: 127.0.0.1, in a thread, with bad habits on order."""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

HONEST, NO_RANGES, CHANGED, CUT, WEB_PAGE, SLOW, WRONG_RANGE = range(7)


def free_port():
    """Returns a port of this machine that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, name = self.server, unquote(self.path.lstrip("/"))
        server.requests.append((self.path, dict(self.headers)))
        if name not in server.files:
            return self.send_error(404, "nothing here")
        data, habit = server.files[name]
        start = self._start(habit)
        if habit == SLOW:
            time.sleep(1.0)
        if habit == CHANGED and "If-Unmodified-Since" in self.headers:
            return self._answer(412, b"")
        if start and start >= len(data):
            return self._answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        if habit == WRONG_RANGE and start:
            spoken = {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"}
            return self._answer(206, data, spoken)
        kind = {"Content-Type": "text/html" if habit == WEB_PAGE else "font/ttf"}
        if start:
            kind["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._answer(206 if start else 200, data[start:], kind, cut=habit == CUT)

    def _start(self, habit):
        if habit == NO_RANGES or "Range" not in self.headers:
            return 0
        return int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))

    def _answer(self, status, body, headers=None, cut=False):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)

    def log_message(self, *arguments):
        pass


@contextmanager
def serve(files):
    """Serves name -> (bytes, habit); yields the server, its address in `.address`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.files, server.requests = files, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def speak(answer, stall=False):
    """Answers every request with the same bytes; yields the address.

    Args:
        answer: status, headers and body as they go out.
        stall: then say nothing more, and do not hang up either.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def answer_all():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed below
                return
            with connection:
                connection.recv(1 << 16)
                try:
                    connection.sendall(answer)
                except OSError:
                    continue  # who asked has hung up
                if stall:
                    done.wait(5)

    thread = threading.Thread(target=answer_all, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
