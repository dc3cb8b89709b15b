#!/usr/bin/env python3
"""Stands between the operator and the API server: counts what is asked, and does harm when told to.

proxy.py KUBECONFIG PORT. It listens on loopback without encryption and speaks to the server with the certificate of the
kubeconfig. `POST /-/kill {"pid": 7, "after": 3}`: the third write from now reaches the server, its answer reaches nobody,
because process 7 is killed. `POST /-/expire`: every open watch is told that its version is too old. `GET /-/counts`: what
was asked since the start or the last `POST /-/forget`.
"""
import base64
import collections
import http.client
import http.server
import json
import os
import re
import signal
import socket
import ssl
import sys
import tempfile
import threading
import urllib.parse

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# Whose turn it is comes by time, not by what changed.
BY_TIME = {"leases"}
EXPIRED = {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired",
                                       "code": 410, "message": "too old resource version"}}

lock = threading.Lock()
counts = collections.Counter()
victim = {"pid": 0, "after": 0, "killed": 0}
watches = {}


def kubeconfig(path):
    """Address and certificates; the file is the one that infra/cluster writes."""
    text = open(path).read()
    found = lambda name: re.search(name + r": ([^\s,}]+)", text).group(1).strip('"')
    context = ssl.create_default_context(cadata=base64.b64decode(found("certificate-authority-data")).decode())
    with tempfile.NamedTemporaryFile() as pair:
        for name in ("client-certificate-data", "client-key-data"):
            pair.write(base64.b64decode(found(name)))
        pair.flush()
        context.load_cert_chain(pair.name)
    server = urllib.parse.urlparse(found("server"))
    return server.hostname, server.port, context


def resource(path):
    """What a path is about: `secrets`, `servicedefinitions/status`."""
    parts = path.split("?")[0].strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        parts = parts[2:]
    return "/".join(parts[:1] + parts[2:]) if parts else path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.upstream = None

    def finish(self):
        if self.upstream:
            self.upstream.close()
        super().finish()

    def respond(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def told(self, body):
        with lock:
            if self.path == "/-/kill":
                victim.update(json.loads(body), killed=0)
            elif self.path == "/-/forget":
                counts.clear()
            elif self.path == "/-/expire":
                for watch in watches.values():
                    watch["expired"] = True
                    watch["upstream"].shutdown_socket()
            now = collections.Counter(watch["of"] for watch in watches.values())
            self.respond({"counts": dict(sorted(counts.items())), "watching": dict(sorted(now.items())),
                          "killed": victim["killed"]})

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/-/"):
            return self.told(body)
        of = resource(self.path)
        is_watch = "watch=true" in self.path or "watch=1" in self.path
        verb = "watch" if is_watch else self.command
        if verb == "GET" and self.path.split("?")[0].rstrip("/").endswith(of):
            verb = "LIST"
        writes = self.command in WRITES and of not in BY_TIME
        kills = False
        with lock:
            counts[f"{verb} {of}"] += 1
            if writes and victim["pid"]:
                victim["after"] -= 1
                kills = victim["after"] == 0
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        try:
            response = self.ask(body, headers)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return None
        if kills:
            response.read()
            with lock:
                os.kill(victim["pid"], signal.SIGKILL)
                victim.update(pid=0, killed=1)
            self.close_connection = True
            return None
        return self.stream(response, of) if is_watch and response.status == 200 else self.pass_on(response)

    def ask(self, body, headers):
        for again in (True, False):
            if self.upstream is None:
                self.upstream = Upstream(*TO[:2], context=TO[2], timeout=None)
            try:
                self.upstream.request(self.command, self.path, body or None, headers)
                return self.upstream.getresponse()
            except (OSError, http.client.HTTPException):
                # A connection that was idle may be gone; what was sent on a fresh one may have arrived.
                self.upstream.close()
                fresh, self.upstream = self.upstream.fresh, None
                if fresh or not again:
                    raise

    def pass_on(self, response):
        body = response.read()
        self.upstream.fresh = False
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, response, of):
        watch = {"of": of, "expired": False, "upstream": self.upstream}
        with lock:
            watches[id(watch)] = watch
        threading.Thread(target=self.end_with_client, daemon=True).start()
        self.send_response(200)
        self.send_header("Content-Type", response.getheader("Content-Type", "application/json"))
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                try:
                    piece = response.read1(1 << 16)
                except (OSError, ValueError, http.client.HTTPException):
                    piece = b""
                if not piece:
                    break
                self.chunk(piece)
            if watch["expired"]:
                self.chunk(json.dumps(EXPIRED).encode() + b"\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            pass
        finally:
            with lock:
                watches.pop(id(watch))
            self.close_connection = True

    def end_with_client(self):
        """A client that was killed says nothing; its watch would be counted until the server has something to tell."""
        try:
            self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            pass
        self.upstream.shutdown_socket()

    def chunk(self, piece):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class Upstream(http.client.HTTPSConnection):
    fresh = True

    def shutdown_socket(self):
        try:
            self.sock.shutdown(2)
        except (OSError, AttributeError):
            pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        """A client that was killed is no news."""


if __name__ == "__main__":
    TO = kubeconfig(sys.argv[1])
    Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
