#!/usr/bin/env python3
"""Measures what services at rest cost on a real node; `capacity` makes the surroundings. Prints tables, writes JSON; never a test."""
import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import time

from bench_cluster import Server, Watch
from capacity_figures import costs, figures, show, traffic
from capacity_readings import Held, Sql, asked_by_operator, kubectl, listed, snapshot

ALL = ["nothing", "one", "dedicated", "shared"]
ALONE = "agency-alone"
# Kept free for a copy (`IDLE` of the operator's `host/build/pod.rs`), and for one that takes another's place.
COPY_M = 25
HOSTS = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dxizmat-operator"
COPIES = "labelSelector=app.kubernetes.io%2Fname%3Deservice"
ANSWERS = ["--answer", "about=marriage", "--answer", "day=2012-06-16"]


class Capacity:
    def __init__(self, options):
        self.options, self.phases, self.singles, self.walks = options, {}, {}, []
        kubeconfig = os.environ["KUBECONFIG"]
        self.state = os.path.dirname(os.path.dirname(kubeconfig))
        self.sql = Sql(options.folder, options.sql_port)
        self.nats = kubectl("get", "pod", "xizmat-nats-0", "--namespace", "platform", "--output", "jsonpath={.status.podIP}")
        self.server = Server(kubeconfig)
        self.watch = Watch(self.server)
        here = os.path.dirname(os.path.abspath(__file__))
        with open(f"{here}/at-once.yaml") as file:
            self.definition = file.read()
        with open(f"{here}/../../examples/justice/agency.yaml") as file:
            self.agency = file.read()

    def run(self):
        only = self.options.only
        # Said before anything was measured, and not an hour later.
        hosts = {"one": self.options.singles, "dedicated": self.options.dedicated, "shared": self.options.agencies}
        self.room(2 * max((hosts[part] for part in only if part in hosts), default=0))
        if "nothing" in only:
            self.rest("nothing", {"services": 0, "hosts": 0})
        if "one" in only:
            self.one_by_one()
        if "dedicated" in only:
            self.dedicated()
        if "shared" in only:
            self.shared()
        if "nothing" in only:
            self.each()
            self.write()
        if "shared" in only:
            self.walk_some()
        print(f"\nWritten to {self.options.out}.")

    def one_by_one(self):
        """From apply to Ready of one definition while nothing else happens: for the first its agency's database is made, too."""
        self.found([ALONE])
        times = []
        for number in range(self.options.singles):
            name = f"single-{number:02}"
            begun = time.monotonic()
            self.server.apply(f"/apis/xizmat.dev/v1alpha1/namespaces/{ALONE}/servicedefinitions/{name}", self.service(ALONE, name, "dedicated"))
            times.append(self.ready_at(f"{ALONE}/{name}") - begun)
            # Its second copy may still be starting.
            self.settled(number + 1, number + 1)
        if times:
            of = sorted(times)
            self.singles = {"first_s": times[0], "median_s": statistics.median(of), "p99_s": of[-(-99 * len(of) // 100) - 1], "all_s": times}
            say("one definition with a host of its own, apply to Ready: median {median_s:.2f} s, p99 {p99_s:.2f} s, the first {first_s:.2f} s"
                .format(**self.singles) + f" (of {len(times)})")
        self.deleted("services that were published one by one")
        self.write()

    def ready_at(self, name):
        """The moment is the watch's."""
        begun = time.monotonic()
        while name not in self.watch.ready:
            if time.monotonic() - begun > self.options.patience:
                raise SystemExit(f"capacity: {self.watch.why(name)}")
            time.sleep(0.02)
        return self.watch.ready[name][1]

    def deleted(self, what):
        say(f"{what} are deleted …")
        kubectl("delete", "servicedefinitions", "--all", "--namespace", ALONE, "--timeout", f"{self.options.patience}s")
        self.until(lambda: (not listed(f"/api/v1/pods?{COPIES}"), "hosts are still there"))

    def dedicated(self):
        count = self.options.dedicated
        self.found([ALONE])
        took = self.publish([(ALONE, f"service-{number:02}") for number in range(count)], "dedicated")
        self.settled(count, count)
        self.rest("dedicated", {"services": count, "hosts": count, "ready_s": took})
        self.deleted(f"{count} services with hosts of their own")

    def shared(self):
        agencies = sharing(self.options)
        self.found(agencies)
        names = [[(agency, f"service-{number:02}") for number in range(self.options.each)] for agency in agencies]
        took = 0
        for first in range(0, len(agencies), self.options.together):
            took += self.publish(sum(names[first:first + self.options.together], []), "shared")
        self.settled(len(agencies), len(agencies) * self.options.each)
        self.rest("shared", {"services": len(agencies) * self.options.each, "hosts": len(agencies), "ready_s": took})

    def walk_some(self):
        services = [f"{agency}/service-{number:02}" for agency in sharing(self.options) for number in range(self.options.each)]
        for service in random.Random(7).sample(services, min(self.options.walked, len(services))):
            self.walk(service)
        self.write()

    def room(self, copies):
        """What is kept free decides how many pods a node takes, whatever they use."""
        free = millis(json.loads(kubectl("get", "--raw", "/api/v1/nodes/node"))["status"]["allocatable"]["cpu"])
        for pod in listed("/api/v1/pods"):
            if pod["status"]["phase"] in ("Pending", "Running"):
                free -= sum(millis(one.get("resources", {}).get("requests", {}).get("cpu", "0")) for one in pod["spec"]["containers"])
        wanted = (copies + 1) * COPY_M
        if wanted > free:
            raise SystemExit(f"capacity: {copies} copies of hosts, and one that takes another's place, keep {wanted}m of processor free, and the "
                             f"node has {free}m: no more than {free // COPY_M - 1} copies. Lower --agencies or --dedicated.")

    def found(self, names):
        self.apply([self.agency.replace("metadata: {name: justice}", f"metadata: {{name: {name}}}") for name in names])
        kubectl("wait", "--for", "condition=Ready", "--all", "agencies", "--timeout", f"{self.options.patience}s")

    def apply(self, texts):
        path = f"{self.options.folder}/applied.yaml"
        with open(path, "w") as file:
            file.write("\n---\n".join(texts))
        kubectl("apply", "--server-side", "--filename", path)

    def publish(self, names, isolation):
        """Applied by one kubectl; the seconds until the last one is Ready."""
        begun = time.monotonic()
        self.apply([self.service(agency, service, isolation) for agency, service in names])
        say(f"{len(names)} definitions, {isolation}, are applied …")
        wanted = [f"{agency}/{service}" for agency, service in names]

        def all_ready():
            ready = sum(name in self.watch.ready for name in wanted)
            return ready == len(wanted), f"{ready} of {len(wanted)} definitions are ready"
        self.until(all_ready, lambda: next(self.watch.why(name) for name in wanted if name not in self.watch.ready))
        return max(self.watch.ready[name][1] for name in wanted) - begun

    def service(self, agency, name, isolation):
        made = self.definition.replace("name: at-once, namespace: justice", f"name: {name}, namespace: {agency}")
        for of in ("agency: justice", "seal: justice"):
            made = made.replace(of, of.replace("justice", agency))
        return f"{made.rstrip()}\n  deployment: {{isolation: {isolation}}}\n"

    def settled(self, hosts, services):
        """Every host serves what it should in two copies of its latest making, and nothing else is left of earlier ones."""
        def as_it_should_be():
            deployments = listed(f"/apis/apps/v1/deployments?{HOSTS}")
            pods = listed(f"/api/v1/pods?{COPIES}")
            served = sum(len(one["metadata"]["annotations"]["xizmat.dev/services"].split(",")) for one in deployments)
            ready = sum(is_settled(one) for one in deployments)
            told = f"{ready} of {hosts} hosts stand, with {served} of {services} services; {len(pods)} pods are there"
            return ready == hosts == len(deployments) and served == services and len(pods) == 2 * hosts, told
        self.until(as_it_should_be)

    def until(self, condition, why=lambda: ""):
        """Says how far it is, and gives up only when nothing has moved for long."""
        begun = moved = spoke = time.monotonic()
        before = None
        while True:
            came, how_far = condition()
            now = time.monotonic()
            if came:
                return
            if how_far != before:
                before, moved = how_far, now
            if now - moved > self.options.patience:
                raise SystemExit(f"capacity: {how_far}, and nothing has moved for {self.options.patience} s. {why()}")
            if now - spoke >= 30:
                say(f"{now - begun:.0f} s: {how_far}")
                spoke = now
            time.sleep(2)

    def rest(self, name, about):
        say(f"{name}: {self.options.settle} s to come to rest, then {self.options.idle} s without a request …")
        time.sleep(self.options.settle)
        before = snapshot(self.sql, self.state, self.nats)
        with Held(self.sql) as held:
            time.sleep(self.options.idle)
        after = snapshot(self.sql, self.state, self.nats)
        operator = asked_by_operator(self.state, before["moment"], after["moment"])
        self.phases[name] = phase = {**about, **figures(before, after), **traffic(before, after, held, operator)}
        show(name, phase)
        self.write()

    def walk(self, service):
        """A citizen applies, pays, and gets a document that is genuine, from hosts that were at rest."""
        address = {name: kubectl("get", "service", name, "--namespace", namespace, "--output", "jsonpath={.spec.clusterIP}")
                   for name, namespace in (("xizmat-identity", "platform"), ("xizmat-portal", "platform"), ("sandbox", "counterparts"))}
        edge, foreign = self.options.edge, self.options.foreign
        through = [f"{edge}/identity=http://{address['xizmat-identity']}:8080/identity", f"{edge}=http://{address['xizmat-portal']}:8080",
                   f"{foreign}=http://{address['sandbox']}:8090"]
        command = [self.options.program, "journey", edge, "--person", "botir", "--service", service, "--patience-s", "300", *ANSWERS]
        for way in through:
            command += ["--through", way]
        begun = time.monotonic()
        walked = subprocess.run(command, capture_output=True, text=True)
        if walked.returncode or "it is genuine" not in walked.stdout:
            raise SystemExit(f"capacity: {service} does not answer after its rest\n{walked.stdout}{walked.stderr}")
        self.walks.append({"service": service, "seconds": round(time.monotonic() - begun, 1)})
        say(f"{service}: from the front page to a verified document in {self.walks[-1]['seconds']} s")

    def each(self):
        """What one more costs, against the platform without any."""
        nothing = costs(self.phases["nothing"])
        for name, of in (("dedicated", "services"), ("shared", "hosts"), ("shared", "services")):
            phase = self.phases.get(name)
            if phase and phase[of]:
                more = {what: (value - nothing[what]) / phase[of] for what, value in costs(phase).items()}
                phase.setdefault("each", {})[of] = more
                print(f"\n{name}: one more of its {of}")
                for what, value in more.items():
                    print(f"    {what.replace('_', ' '):<32}{value:>10.3f}", flush=True)

    def write(self):
        options = {name: getattr(self.options, name) for name in ("agencies", "each", "singles", "dedicated", "together", "settle", "idle")}
        processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
        machine = {"cores": os.cpu_count(), "processor": processor, "kernel": platform.release(),
                   "kubernetes": json.loads(kubectl("get", "--raw", "/version"))["gitVersion"], "postgresql": self.sql.ask("SHOW server_version")[0][0]}
        profile = "release" if "/release/" in self.options.program else "dev"
        told = {"profile": profile, "machine": machine, "options": options, "singles": self.singles, "phases": self.phases, "walks": self.walks}
        os.makedirs(os.path.dirname(os.path.abspath(self.options.out)), exist_ok=True)
        with open(self.options.out, "w") as file:
            json.dump(rounded(told), file, indent=2, ensure_ascii=False)


def is_settled(deployment):
    status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
    counted = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")]
    return status.get("observedGeneration") == deployment["metadata"]["generation"] and counted == [wanted] * 4


def millis(amount):
    return int(amount[:-1]) if amount.endswith("m") else round(float(amount) * 1000)


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value


def sharing(options):
    return [f"agency-{number:02}" for number in range(options.agencies)]


def say(words):
    print(f"    {words}", flush=True)


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", action="store_true", help="prints the agencies that there will be, and ends")
    for name in ("folder", "program", "edge", "foreign"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--sql-port", type=int, default=5432)
    parser.add_argument("--out", default="target/bench-capacity.json")
    parser.add_argument("--agencies", type=int, default=35, help="agencies whose services share a host")
    parser.add_argument("--each", type=int, default=20, help="services of each of them")
    parser.add_argument("--singles", type=int, default=20, help="services with a host of their own, applied one by one")
    parser.add_argument("--dedicated", type=int, default=20, help="services with a host of their own, of one agency more")
    parser.add_argument("--together", type=int, default=5, help="agencies whose definitions are applied at once")
    parser.add_argument("--settle", type=int, default=120, help="seconds to come to rest: connections are let go after half a minute")
    parser.add_argument("--idle", type=int, default=600, help="seconds of rest that are measured")
    parser.add_argument("--walked", type=int, default=3, help="services, chosen by chance, that a citizen applies for afterwards")
    parser.add_argument("--patience", type=int, default=1800, help="seconds without any progress after which it gives up")
    parser.add_argument("--only", nargs="*", default=ALL, choices=ALL)
    return parser.parse_args()


if __name__ == "__main__":
    given = options()
    if given.names:
        print(",".join([ALONE, *sharing(given)]))
    else:
        Capacity(given).run()
