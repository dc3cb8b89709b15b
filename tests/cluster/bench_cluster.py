"""What `bench.py` measures with: the API server, a watch of all definitions, the operator's process, processor times."""
import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from proxy import kubeconfig

TICKS = os.sysconf("SC_CLK_TCK")
WATCHED = ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "kwok", "xizmat", "nats-server", "postgres")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def processor_times(operator, places):
    """Seconds of processor since each began, by program, of the processes that name one of these folders and their children."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields, command = open(f"/proc/{pid}/stat").read(), open(f"/proc/{pid}/cmdline").read()
            where = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue
        name, rest = fields[fields.index("(") + 1:fields.rindex(")")], fields[fields.rindex(")") + 2:].split()
        ours = any(place in command or where == place for place in places)
        # Children that ended are counted with who had them: PostgreSQL's servers come and go.
        spent = sum(int(ticks) for ticks in rest[11:15 if name == "postgres" else 13]) / TICKS
        found[int(pid)] = (name, int(rest[1]), ours, spent)
    times = {}
    for pid, (name, parent, ours, spent) in found.items():
        program = next((one for one in WATCHED if one[:15] == name), None)
        if program and (ours or found.get(parent, ("", 0, False, 0))[2]):
            program = "operator" if pid == operator else "platform" if program == "xizmat" else program
            times[program] = times.get(program, 0) + spent
    return times


def rss(pid):
    """Megabytes now, and the most there ever were."""
    status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return tuple(round(int(status[name].split()[0]) / 1000, 1) for name in ("VmRSS", "VmHWM"))


class Server:
    def __init__(self, path):
        self.host, self.port, self.context = kubeconfig(path)
        self.kept = None

    def connection(self):
        return http.client.HTTPSConnection(self.host, self.port, context=self.context)

    def ask(self, method, path, body=None, kind="application/json"):
        while True:
            is_new, connection = self.kept is None, self.kept or self.connection()
            self.kept = None
            try:
                connection.request(method, path, body, {"Content-Type": kind} if body else {})
                answer = connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                # The server closes one that nobody used for a while; what is asked here may be asked twice.
                if is_new:
                    raise
        self.kept = connection
        if answer.status >= 400:
            raise SystemExit(f"bench: {method} {path}: {answer.status} {text.decode()[:500]}")
        return json.loads(text)

    def apply(self, path, text):
        return self.ask("PATCH", f"{path}?fieldManager=kubectl&force=true", text.encode(), "application/apply-patch+yaml")

    def delete(self, path):
        return self.ask("DELETE", path)


    def requests(self):
        """How often the API server was asked for what since it began, whoever asked, and how long it took for them: its own metrics."""
        # Asked so seldom that the server may have closed a connection that is kept.
        connection = self.connection()
        connection.request("GET", "/metrics")
        told, counts, seconds = connection.getresponse().read().decode(), {}, {}
        connection.close()
        into = {"apiserver_request_total": counts, "apiserver_request_duration_seconds_sum": seconds}
        for name, labels, value in re.findall(r"^(\w+){(.*)} (\S+)$", told, re.MULTILINE):
            if name in into:
                of = dict(re.findall(r'(\w+)="([^"]*)"', labels))
                what = f"{of['verb']} {of['resource']}" + (f"/{of['subresource']}" if of["subresource"] else "")
                into[name][what] = into[name].get(what, 0) + float(value)
        return {what: (count, seconds.get(what, 0)) for what, count in counts.items()}


class Watch:
    """When each definition became Ready, as the API server told it: name → (generation, moment)."""

    def __init__(self, server):
        self.server, self.ready, self.known = server, {}, {}
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        path = "/apis/xizmat.dev/v1alpha1/servicedefinitions?watch=1&timeoutSeconds=7200"
        while True:
            connection = self.server.connection()
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                for line in iter(answer.readline, b""):
                    self.see(json.loads(line), time.monotonic())
            except (OSError, ValueError, http.client.HTTPException):
                time.sleep(0.1)

    def see(self, event, moment):
        if event.get("type") not in ("ADDED", "MODIFIED", "DELETED"):
            raise ValueError(f"no event: {event}")
        found = event["object"]
        metadata = found["metadata"]
        name = f"{metadata.get('namespace')}/{metadata.get('name')}"
        if event["type"] == "DELETED":
            self.known.pop(name, None)
            return
        status = found.get("status", {})
        self.known[name] = status.get("conditions", [])
        generation = metadata["generation"]
        is_ready = any(one["type"] == "Ready" and one["status"] == "True" for one in self.known[name])
        if is_ready and status.get("observedGeneration") == generation and self.ready.get(name, (0, 0))[0] < generation:
            self.ready[name] = (generation, moment)

    def why(self, name):
        return f"{name}: {self.known.get(name)}"


class Operator:
    def __init__(self, options, kubeconfig_file, **settings):
        self.health = f"http://127.0.0.1:{options.health}/readyz"
        command = [*options.command, "--health", f"127.0.0.1:{options.health}", "--set", f"operator.kubeconfig_file={kubeconfig_file}"]
        for name, value in settings.items():
            command += ["--set", f"operator.{name}={value}"]
        self.process = subprocess.Popen(command, stderr=open(os.path.join(options.folder, "operator.log"), "a"))
        self.pid = self.process.pid

    def lives(self):
        return self.process.poll() is None

    def await_ready(self):
        while self.lives():
            try:
                with urllib.request.urlopen(self.health, timeout=1):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.02)
        raise SystemExit("bench: the operator ended by itself; see operator.log")

    def end(self):
        self.process.terminate()
        self.process.wait()
