#!/usr/bin/env python3
"""Judges every TCP connection that pods hold by the cluster's NetworkPolicies. Nothing enforces these here: a way that they do not know
would break only an installation whose network does.

ways.py [--outside NAMESPACE…] — pods of these namespaces play parties outside of the cluster. Connections are what the kernel tells of
each pod's network, policies what the API server does. Source and target have to let it through, each by its own policies. What comes
from the node is no pod's: probes, and whoever asks from this machine.
"""
import argparse
import dataclasses
import ipaddress
import json
import os
import re
import subprocess
import sys

# Of `infra/cluster/settings.sh`: who is there and is no pod has gone.
PODS = ipaddress.ip_network("10.244.0.0/16")
# Each of them is on the bus, wherever that is.
ROLES = 9
# States as the kernel numbers them: what only asks or waits is not held.
LISTENS, NOT_HELD = "0A", {"02", "03", "07", "0A", "0C"}


@dataclasses.dataclass(frozen=True)
class End:
    """A pod, or an address outside: then without a namespace."""
    address: str
    namespace: str = ""
    name: str = ""
    labels: dict = dataclasses.field(default_factory=dict, compare=False)
    ports: dict = dataclasses.field(default_factory=dict, compare=False)

    def __str__(self):
        return f"{self.namespace}/{self.name}" if self.namespace else self.address


def matches(selector, labels):
    said = {"In": lambda key, values: labels.get(key) in values, "NotIn": lambda key, values: labels.get(key) not in values,
            "Exists": lambda key, _: key in labels, "DoesNotExist": lambda key, _: key not in labels}
    return (all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()) and
            all(said[one["operator"]](one["key"], one.get("values")) for one in selector.get("matchExpressions") or []))


def is_peer(peer, own, other, namespaces):
    if "ipBlock" in peer:
        def within(cidr):
            return ipaddress.ip_address(other.address) in ipaddress.ip_network(cidr)
        block = peer["ipBlock"]
        # Networks differ in whether a block means pods, too: here it does not.
        return not other.namespace and within(block["cidr"]) and not any(map(within, block.get("except") or []))
    if "namespaceSelector" not in peer:
        there = other.namespace == own
    else:
        there = bool(other.namespace) and matches(peer["namespaceSelector"], namespaces[other.namespace])
    return there and matches(peer.get("podSelector") or {}, other.labels)


def is_port(one, port, target):
    wanted = one.get("port")
    if isinstance(wanted, str):
        return target.ports.get(wanted) == port
    return one.get("protocol", "TCP") == "TCP" and (wanted is None or wanted <= port <= one.get("endPort", wanted))


def lets(way, source, target, port, policies, namespaces):
    """Whether policies of the source let it out (`egress`), or those of the target let it in (`ingress`)."""
    at, other, peers = (source, target, "to") if way == "egress" else (target, source, "from")

    def concerns(policy):
        spec = policy["spec"]
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]
        return policy["metadata"]["namespace"] == at.namespace and way.capitalize() in types and matches(spec.get("podSelector") or {}, at.labels)

    def allows(policy, rule):
        named, ports = rule.get(peers), rule.get("ports")
        return (not named or any(is_peer(peer, at.namespace, other, namespaces) for peer in named)) and \
            (not ports or any(is_port(one, port, target) for one in ports))
    own = [policy for policy in policies if concerns(policy)]
    return not own or any(allows(policy, rule) for policy in own for rule in policy["spec"].get(way) or [])


def judge(ways, policies, namespaces):
    """What stands against ways (source, target, port), in words."""
    for source, target, port in ways:
        for way, end in (("egress", source), ("ingress", target)):
            if end.namespace and not lets(way, source, target, port, policies, namespaces):
                yield f"{source} holds a connection to {target}, port {port}, which no {way} of {end} lets through"


def matches_as_it_should():
    """On policies that nobody has."""
    namespaces = {"one": {"team": "a"}, "two": {"team": "b"}}
    front, back = End("10.244.0.2", "one", "front", {"role": "front"}), End("10.244.0.3", "one", "back", {"role": "back"}, {"http": 8080})
    other, shut = End("10.244.0.4", "two", "other", {"role": "front"}), End("10.244.0.5", "one", "shut", {"role": "shut"})
    near, far = End("10.9.0.1"), End("10.9.1.1")

    def policy(role, **spec):
        return {"metadata": {"namespace": "one"}, "spec": {"podSelector": {"matchLabels": {"role": role}}, **spec}}
    policies = [
        policy("back", ingress=[{"from": [{"podSelector": {"matchLabels": {"role": "front"}}}], "ports": [{"port": "http"}]},
                                {"from": [{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["b"]}]},
                                           "podSelector": {"matchExpressions": [{"key": "role", "operator": "Exists"}]}}], "ports": [{"port": 9000, "endPort": 9002}]}]),
        policy("front", policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}], "ports": [{"protocol": "UDP", "port": 53}, {"port": 8080}]},
                                                       {"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.9.1.0/24"]}}]}]),
        policy("shut", policyTypes=["Ingress", "Egress"]),
    ]
    expected = [
        (front, back, 8080, ""), (front, back, 53, "egress ingress"), (front, near, 443, ""), (front, far, 443, "egress"),
        (front, other, 8080, "egress"), (other, back, 8080, "ingress"), (other, back, 9001, ""), (other, back, 9003, "ingress"),
        (back, front, 1, ""), (back, far, 1, ""), (shut, front, 1, "egress"), (other, shut, 1, "ingress"), (near, back, 8080, "ingress"), (near, front, 1, ""),
    ]
    for source, target, port, refused in expected:
        told = list(judge([(source, target, port)], policies, namespaces))
        if [way for way in ("egress", "ingress") if any(f"no {way} of" in one for one in told)] != refused.split():
            sys.exit(f"ways: {source} → {target}:{port} is judged {told}, and should be refused by {refused or 'nothing'}")


def asked(what):
    return json.loads(subprocess.run(["kubectl", "get", what, "--all-namespaces", "--output", "json"], check=True, capture_output=True, text=True).stdout)["items"]


def end_of(pod, outside):
    metadata, spec = pod["metadata"], pod["spec"]
    if metadata["namespace"] in outside:
        return End(pod["status"]["podIP"])
    ports = {port["name"]: port["containerPort"] for container in spec["containers"] for port in container.get("ports", []) if "name" in port}
    return End(pod["status"]["podIP"], metadata["namespace"], metadata["name"], metadata.get("labels", {}), ports)


def processes():
    """One of each pod, by the pod's uid: all of them are in one network."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cgroup") as file:
                pod = re.search(r"/pod([0-9a-f-]{36})/", file.read())
        except OSError:
            continue
        if pod:
            found[pod.group(1)] = pid
    return found


def address(written):
    """As the kernel writes it: each word of four bytes from its end."""
    host, port = written.split(":")
    raw = bytes.fromhex(host)
    found = ipaddress.ip_address(b"".join(raw[word:word + 4][::-1] for word in range(0, len(raw), 4)))
    return str(getattr(found, "ipv4_mapped", None) or found), int(port, 16)


def sockets(pid):
    for kind in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{kind}") as file:
            for line in list(file)[1:]:
                _, local, remote, state = line.split()[:4]
                yield address(local), address(remote), state


def behind():
    """What addresses of Services stand for: (address, port) → those that answer."""
    answering = {}
    for piece in asked("endpointslices"):
        metadata = piece["metadata"]
        for port in piece.get("ports") or []:
            of = (metadata["namespace"], metadata["labels"].get("kubernetes.io/service-name"), port.get("name") or "")
            addresses = [one for endpoint in piece.get("endpoints") or [] for one in endpoint["addresses"]]
            answering.setdefault(of, []).extend((one, port["port"]) for one in addresses)
    found = {}
    for service in asked("services"):
        metadata, spec = service["metadata"], service["spec"]
        for port in spec.get("ports", []):
            there = answering.get((metadata["namespace"], metadata["name"], port.get("name") or ""), [])
            found[spec.get("clusterIP"), port["port"]] = there
    return found


def held(outside):
    """Ways that are in use: (source, target, port). Between pods as they arrive, which is where a Service led to."""
    pods = [pod for pod in asked("pods") if pod["status"].get("podIP") and not pod["spec"].get("hostNetwork") and pod["status"]["phase"] == "Running"]
    ends = {pod["status"]["podIP"]: end_of(pod, outside) for pod in pods}
    services, running = behind(), processes()
    for pod in pods:
        own, pid = ends[pod["status"]["podIP"]], running.get(pod["metadata"]["uid"])
        try:
            open_here = list(sockets(pid)) if pid else []
        except OSError:
            # It has gone meanwhile.
            continue
        listens = {local[1] for local, _, state in open_here if state == LISTENS}
        for local, remote, state in open_here:
            if state in NOT_HELD or remote[0] == local[0]:
                continue
            if local[1] in listens:
                if remote[0] in ends:
                    yield ends[remote[0]], own, local[1]
                continue
            for there, port in services.get(remote, [remote]):
                if there not in ends and ipaddress.ip_address(there) not in PODS:
                    yield own, End(there), port


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--outside", nargs="*", default=[])
    outside = arguments.parse_args().outside
    matches_as_it_should()
    namespaces = {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in asked("namespaces")}
    ways = {way for way in held(outside) if way[0].namespace or way[1].namespace}
    wrong = list(judge(ways, asked("networkpolicies"), namespaces))
    inside = sum(bool(source.namespace and target.namespace) for source, target, _ in ways)
    if wrong or len(ways) < ROLES:
        sys.exit("\n".join(sorted(wrong)) or f"{len(ways)} connections were seen, and every role holds one at least")
    print(f"{inside} ways between pods and {len(ways) - inside} to or from outside are let through")


if __name__ == "__main__":
    main()
