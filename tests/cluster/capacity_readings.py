"""What `capacity.py` measures with: cgroups of pods, processes of the node, PostgreSQL, NATS, the API server."""
import collections
import glob
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from datetime import datetime, timezone

TICKS = os.sysconf("SC_CLK_TCK")
CGROUPS = "/sys/fs/cgroup"
UNIFIED = os.path.exists(f"{CGROUPS}/cgroup.controllers")
# On every node, beside its pods.
AGENTS = ("kubelet", "containerd", "containerd-shim-runc-v2", "kube-proxy")
CONTROL_PLANE = ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler")
# What they started and waited for is their own work; whoever waits for a pod's programs did not do theirs.
WITH_CHILDREN = ("postgres", "kubelet", "kube-proxy")
OPERATOR = "system:serviceaccount:platform:xizmat-operator"
ADMINISTRATOR = "chart"


def kubectl(*arguments):
    """An API server that is busy is asked again: nothing is worth losing an hour's figures."""
    for _ in range(5 if arguments[0] in ("get", "apply") else 1):
        asked = subprocess.run(["kubectl", *arguments], capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout
        time.sleep(2)
    raise SystemExit(f"capacity: kubectl {' '.join(arguments)}: {asked.stderr.strip()}")


def listed(path):
    """Without a connection that is kept: between two questions may lie ten minutes."""
    return json.loads(kubectl("get", "--raw", path))["items"]


def text(path):
    with open(path) as file:
        return file.read()


def fields(path, separator=None):
    pairs = (line.split(separator, 1) for line in text(path).splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def pod_cgroup(controller, uid):
    root = f"{CGROUPS}/xizmat" if UNIFIED else f"{CGROUPS}/{controller}/xizmat"
    folders = (f"{root}/{quality}/pod{uid}" for quality in ("kubepods", "kubepods/burstable", "kubepods/besteffort"))
    found = next((folder for folder in folders if os.path.isdir(folder)), None)
    if not found:
        raise SystemExit(f"capacity: the pod {uid} runs and has no cgroup under {root}")
    return found


def pod_use(uid):
    """Bytes as the kubelet counts them, and seconds of processor, of all containers of a pod."""
    memory, processor = pod_cgroup("memory", uid), pod_cgroup("cpuacct", uid)
    held = fields(f"{memory}/memory.stat")
    if UNIFIED:
        used, inactive, anonymous = text(f"{memory}/memory.current"), held["inactive_file"], held["anon"]
        spent = int(fields(f"{processor}/cpu.stat")["usage_usec"]) / 1e6
    else:
        used, inactive, anonymous = text(f"{memory}/memory.usage_in_bytes"), held["total_inactive_file"], held["total_rss"]
        spent = int(text(f"{processor}/cpuacct.usage")) / 1e9
    return {"working_set": max(0, int(used) - int(inactive)), "anonymous": int(anonymous), "processor": spent}


def role_of(pod):
    metadata = pod["metadata"]
    labels = metadata.get("labels", {})
    name = labels.get("app.kubernetes.io/name")
    if name == "xizmat":
        return labels["app.kubernetes.io/component"]
    return "host" if name == "eservice" else metadata["namespace"]


def pods():
    """Those that run, by uid."""
    found = {}
    for pod in listed("/api/v1/pods"):
        if pod["status"]["phase"] == "Running":
            use = pod_use(pod["metadata"]["uid"])
            containers = pod["status"].get("containerStatuses", [])
            restarts = sum(container["restartCount"] for container in containers)
            found[pod["metadata"]["uid"]] = {"role": role_of(pod), "restarts": restarts, **use}
    return found


def processes(state, postmaster):
    """By program, those of the cluster that are in no pod, and PostgreSQL's. What they share is divided among them."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            one = process(pid, state, postmaster)
        except (OSError, KeyError):
            continue
        if one:
            program, use = one
            sums = found.setdefault(program, {"processes": 0, "memory": 0, "anonymous": 0, "processor": 0.0})
            for name, value in use.items():
                sums[name] += value
    return found


def process(pid, state, postmaster):
    stat = text(f"/proc/{pid}/stat")
    # After the name, which may hold anything.
    rest = stat[stat.rindex(")") + 2:].split()
    if postmaster in (pid, rest[1]):
        program = "postgres"
    else:
        program, place = os.readlink(f"/proc/{pid}/exe"), os.readlink(f"/proc/{pid}/cwd")
        if "/xizmat/cluster-" not in program or not place.startswith(state):
            return None
        program = os.path.basename(program)
        if program not in AGENTS + CONTROL_PLANE:
            return None
    ticks = sum(int(number) for number in rest[11:15 if program in WITH_CHILDREN else 13])
    shared = fields(f"/proc/{pid}/smaps_rollup", ":")
    memory, anonymous = (int(shared[name].split()[0]) * 1024 for name in ("Pss", "Pss_Anon"))
    return program, {"processes": 1, "memory": memory, "anonymous": anonymous, "processor": ticks / TICKS}


class Sql:
    """PostgreSQL beside the node, asked by its own way in."""

    def __init__(self, folder, port):
        self.socket, self.port = f"{folder}/sql", str(port)
        self.postmaster = text(f"{folder}/sql/data/postmaster.pid").split()[0]

    def ask(self, statement):
        command = ["psql", "--no-align", "--tuples-only", "--host", self.socket, "--port", self.port, "--username", "postgres", "--command", statement]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [line.split("|") for line in answer.splitlines() if line]

    def held(self):
        """Connections now, by whose they are."""
        held = collections.Counter()
        for database, user in self.ask("SELECT datname, usename FROM pg_stat_activity WHERE backend_type = 'client backend'"):
            held[whose(database, user)] += 1
        return held

    def opened(self):
        """Connections that were opened since the start, and transactions, by whose database it is."""
        sessions, transactions = collections.Counter(), collections.Counter()
        counts = "SELECT datname, sessions, xact_commit + xact_rollback FROM pg_stat_database WHERE datname IS NOT NULL"
        for database, opened, ended in self.ask(counts):
            sessions[whose(database)] += int(opened)
            transactions[whose(database)] += int(ended)
        return {"sessions": sessions, "transactions": transactions}


def whose(database, user=""):
    if user == ADMINISTRATOR:
        return "operator"
    if database.startswith("agency_"):
        return "host"
    return database.removeprefix("xizmat_") if database.startswith("xizmat_") else "ourselves"


class Held:
    """Looks now and then how many connections are held, for as long as it is entered."""

    def __init__(self, sql, every_s=5):
        self.sql, self.every_s, self.seen, self.over = sql, every_s, [], threading.Event()
        self.looking = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.over.wait(self.every_s):
            self.seen.append(self.sql.held())

    def __enter__(self):
        self.looking.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.looking.join()

    def figures(self):
        everybody = sorted({name for seen in self.seen for name in seen} - {"ourselves"})
        looks = max(1, len(self.seen))
        by_name = {name: [seen[name] for seen in self.seen] for name in everybody}
        return {name: {"mean": sum(held) / looks, "most": max(held)} for name, held in by_name.items()}


def bus(address):
    """What the NATS server says of itself and its connections."""
    def ask(path):
        with urllib.request.urlopen(f"http://{address}:8222{path}", timeout=30) as answer:
            return json.load(answer)
    server, streams = ask("/varz"), ask("/jsz")
    by_name = {}
    for connection in ask("/connz?limit=10000")["connections"]:
        name = connection.get("name", "").removeprefix("xizmat ").replace("eservice", "host") or "others"
        sums = by_name.setdefault(name, collections.Counter())
        sums.update(connections=1, subscriptions=connection["subscriptions"], said=connection["in_msgs"], heard=connection["out_msgs"])
        sums.update(bytes_heard=connection["out_bytes"])
    told = ("connections", "subscriptions", "mem", "in_msgs", "out_msgs", "in_bytes", "out_bytes")
    return {**{name: server[name] for name in told}, "consumers": streams.get("consumers", 0), "by_name": by_name}


def requests():
    """What the API server was asked since its start, by verb and resource."""
    counted = collections.Counter()
    for line in kubectl("get", "--raw", "/metrics").splitlines():
        if line.startswith("apiserver_request_total{"):
            labels, number = line.rsplit(" ", 1)
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            counted[f"{labels.get('verb')} {labels.get('resource')}"] += float(number)
    return counted


def moment():
    """As the audit log writes it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def asked_by_operator(state, begin, end):
    """Of the audit log, also where it began a new file meanwhile."""
    counted = collections.Counter()
    for path in glob.glob(f"{state}/audit*.log"):
        with open(path) as lines:
            for line in lines:
                if OPERATOR not in line or '"ResponseComplete"' not in line:
                    continue
                told = json.loads(line)
                if begin <= told["requestReceivedTimestamp"] < end:
                    counted[f"{told['verb']} {told.get('objectRef', {}).get('resource', '')}"] += 1
    return counted


def snapshot(sql, state, nats):
    return {"at": time.monotonic(), "moment": moment(), "pods": pods(), "processes": processes(state, sql.postmaster),
            "sql": sql.opened(), "bus": bus(nats), "requests": requests()}
