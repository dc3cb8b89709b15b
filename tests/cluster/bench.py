#!/usr/bin/env python3
"""Measures the operator with many definitions; `bench` makes the surroundings. Prints a table, writes JSON; never a test."""
import argparse
import json
import os
import random
import statistics
import subprocess
import time
import urllib.request

from bench_cluster import Operator, Server, Watch, free_port, processor_times, rss
from bench_webhook import STEPS, Desk, certificate, definition

ALL = ["many", "one", "changed", "quiet", "start", "webhook", "helm"]
DEFINITION = """\
apiVersion: xizmat.dev/v1alpha1
kind: ServiceDefinition
metadata: {{name: {name}, namespace: {agency}}}
spec:
  title: {{uz: "Xizmat", uz-Cyrl: "Хизмат", kaa: "Xızmet", ru: "Услуга", en: "Service {name}"}}
  summary: {{uz: "{note}", uz-Cyrl: "Хизмат", kaa: "Xızmet", ru: "Услуга", en: "{note}"}}
  agency: {agency}
  lifeEvents: [measuring]
  deployment: {{isolation: {isolation}}}
  data:
    retention:
      cases: 30 days
      drafts: 1 day
      legalBasis: {{title: {{uz: "Oʻlchov", uz-Cyrl: "Ўлчов", kaa: "Ólshew", ru: "Измерение", en: "A measurement"}}}}
    schema:
      type: object
      additionalProperties: false
      required: [subject]
      properties:
        subject: {{type: string, minLength: 1, maxLength: 100}}
  forms:
    - name: application
      pages:
        - name: subject
          title: {{uz: "Nima", uz-Cyrl: "Нима", kaa: "Ne", ru: "Что", en: "What"}}
          fields:
            - {{at: subject, label: {{uz: "Nima", uz-Cyrl: "Нима", kaa: "Ne", ru: "Что", en: "What"}}, input: text}}
  integration:
    events:
      - {{name: step-taken, title: {{uz: "Qadam", uz-Cyrl: "Қадам", kaa: "Qádem", ru: "Шаг", en: "Step"}}}}
  process:
    start: apply
    steps:
      - {{name: apply, form: application, next: one}}
      - {{name: one, emit: {{event: step-taken}}, next: two}}
      - {{name: two, emit: {{event: step-taken}}, next: granted}}
      - {{name: granted, end: {{outcome: granted}}}}
"""
AGENCY = """\
apiVersion: xizmat.dev/v1alpha1
kind: Agency
metadata: {{name: {name}}}
spec:
  title: {{uz: "Idora", uz-Cyrl: "Идора", kaa: "Mekeme", ru: "Ведомство", en: "Agency {name}"}}
  lifeEvents:
    - name: measuring
      title: {{uz: "Oʻlchov", uz-Cyrl: "Ўлчов", kaa: "Ólshew", ru: "Измерение", en: "Measuring"}}
"""


class Bench:
    def __init__(self, options):
        self.options, self.figures = options, []
        self.server = Server(options.kubeconfig)
        self.watch = Watch(self.server)
        self.operator = None

    def tell(self, name, value, unit, **more):
        self.figures.append({"name": name, "value": round(value, 3), "unit": unit, **more})
        print(f"{name:<64} {value:>10.2f} {unit:<8} {more.get('target', '')}", flush=True)

    def definitions(self, isolation, count, begin=0):
        each = self.options.each
        return [DEFINITION.format(name=f"service-{number:05}", agency=f"agency-{number // each:04}", isolation=isolation, note="Measured")
                for number in range(begin, begin + count)]

    def apply(self, texts):
        """One kubectl, as people do it; how long it took by itself."""
        path = os.path.join(self.options.folder, "applied.yaml")
        with open(path, "w") as file:
            file.write("---\n".join(texts))
        begun = time.monotonic()
        subprocess.run(["kubectl", "apply", "--server-side", "--force-conflicts", "--filename", path], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begun

    def wait(self, names, generation=1, patience=900):
        """Until all are Ready; fails when nothing more becomes ready for long."""
        pending, moved, seen = set(names), time.monotonic(), 0
        while pending:
            pending = {name for name in pending if self.watch.ready.get(name, (0, 0))[0] < generation}
            done = len(names) - len(pending)
            if done != seen:
                seen, moved = done, time.monotonic()
            if time.monotonic() - moved > patience or not self.operator.lives():
                raise SystemExit(f"bench: {done} of {len(names)} are ready, and no more; {self.watch.why(next(iter(pending)))}")
            # The moments are the watch's; looking costs processor time itself.
            time.sleep(max(0.02, len(names) / 10_000))
        return max(self.watch.ready[name][1] for name in names)

    def names(self, count, begin=0):
        return [f"agency-{number // self.options.each:04}/service-{number:05}" for number in range(begin, begin + count)]

    def agencies(self, count):
        texts = [AGENCY.format(name=f"agency-{number:04}") for number in range(-(-count // self.options.each))]
        begun = time.monotonic()
        self.apply(texts)
        subprocess.run(["kubectl", "wait", "--for", "condition=Ready", "--all", "agencies", "--timeout", "900s"], check=True, stdout=subprocess.DEVNULL)
        self.tell(f"{len(texts)} agencies: apply to Ready", time.monotonic() - begun, "s")

    def many(self, isolation, count):
        places = (self.options.folder, os.path.dirname(os.path.dirname(self.options.kubeconfig)))
        before, asked = processor_times(self.operator.pid, places), self.server.requests()
        begun = time.monotonic()
        alone = self.apply(self.definitions(isolation, count))
        ready = self.wait(self.names(count)) - begun
        self.tell(f"{count} definitions, {isolation}: apply to all Ready", ready, "s", kubectl_alone=round(alone, 1), target="≤60" if count == 1000 else "")
        spent = {name: seconds - before.get(name, 0) for name, seconds in processor_times(self.operator.pid, places).items()}
        spent = {name: round(seconds, 1) for name, seconds in sorted(spent.items(), key=lambda one: -one[1]) if seconds >= 0.5}
        print(f"    kubectl alone {alone:.1f} s; processor seconds: {spent}", flush=True)
        self.figures[-1]["processor_seconds"] = spent
        self.figures[-1]["requests"] = self.asked_since(asked)
        self.memory(f"{count} definitions, {isolation}", count)
        self.answered(count)

    def asked_since(self, before):
        """What the API server was asked for, by everybody, what took longest first."""
        since = {what: (count - before.get(what, (0, 0))[0], seconds - before.get(what, (0, 0))[1]) for what, (count, seconds) in self.server.requests().items()}
        since = [(what, int(count), round(seconds, 1)) for what, (count, seconds) in since.items() if count >= 1 and not what.startswith(("WATCH", "CONNECT"))]
        since.sort(key=lambda one: -one[2])
        print(f"    {sum(count for _, count, _ in since)} requests to the API server:", ", ".join(f"{count} {what} ({seconds} s)" for what, count, seconds in since[:24]), flush=True)
        return [{"what": what, "count": count, "seconds": seconds} for what, count, seconds in since]

    def memory(self, when, count):
        now, most = rss(self.operator.pid)
        target = {1000: "≤80", 10000: "≤250"}.get(count, "")
        self.tell(f"operator's resident memory: {when}", now, "MB", most=most, target=target)

    def answered(self, count):
        """One real host behind the portal answers for all of them."""
        some = random.Random(7).sample(self.names(count), min(50, count))
        for name in some:
            address = f"{self.options.portal}/services/{name}?lang=en"
            with urllib.request.urlopen(address, timeout=10) as page:
                if f"Service {name.split('/')[1]}" not in page.read().decode():
                    raise SystemExit(f"bench: {address} does not show the service")
        print(f"    the portal shows {len(some)} of them, chosen by chance", flush=True)

    def one(self, isolation, count):
        """One more each time, in an agency that has others, and nothing else to do."""
        times = []
        for number in range(count, count + self.options.singles):
            text = self.definitions(isolation, 1, number)[0]
            name = f"agency-0000/service-{number:05}"
            text = text.replace(f"agency-{number // self.options.each:04}", "agency-0000")
            begun = time.monotonic()
            self.server.apply(f"/apis/xizmat.dev/v1alpha1/namespaces/agency-0000/servicedefinitions/service-{number:05}", text)
            times.append(self.wait([name]) - begun)
            self.remove(name)
        times.sort()
        self.tell(f"one more among {count}, {isolation}: apply to Ready, median", statistics.median(times), "s")
        self.tell(f"one more among {count}, {isolation}: slowest of {len(times)}", times[-1], "s", target="p99 ≤2")

    def remove(self, name):
        agency, service = name.split("/")
        self.server.delete(f"/apis/xizmat.dev/v1alpha1/namespaces/{agency}/servicedefinitions/{service}")
        while name in self.watch.known:
            time.sleep(0.02)
        self.watch.ready.pop(name, None)

    def changed(self, isolation, count):
        times = []
        chosen = random.Random(3).sample(range(count), 5)
        for number in chosen:
            name = self.names(1, number)[0]
            text = self.definitions(isolation, 1, number)[0].replace('en: "Measured"', f'en: "Changed {time.time()}"')
            agency, service = name.split("/")
            generation = self.watch.ready[name][0]
            begun = time.monotonic()
            self.server.apply(f"/apis/xizmat.dev/v1alpha1/namespaces/{agency}/servicedefinitions/{service}", text)
            times.append(self.wait([name], generation + 1) - begun)
        self.tell(f"one changed among {count}, {isolation}: slowest of 5 to Ready", max(times), "s", target="≤3" if count == 10000 else "")

    def quiet(self, isolation, count):
        """Through the counting proxy: everything this operator asks for, and nothing of others."""
        self.operator.end()
        self.operator = Operator(self.options, self.options.proxied, look_every_s=self.options.quiet // 2)
        self.operator.await_ready()
        # The lease is renewed all the time.
        work = lambda: {name: number for name, number in self.asked()["counts"].items() if not name.endswith("leases")}
        before = None
        while before != (before := work()):
            time.sleep(5)
        self.asked("forget")
        time.sleep(self.options.quiet)
        told = self.asked()
        counts = told["counts"]
        writes = {name: number for name, number in counts.items() if name.split()[0] in ("POST", "PUT", "PATCH", "DELETE")}
        lease = sum(number for name, number in writes.items() if name.endswith("leases"))
        reads = sum(number for name, number in counts.items() if name.split()[0] in ("GET", "LIST"))
        period = f"{self.options.quiet} s in which each of {count}, {isolation}, is looked at twice"
        self.tell(f"writes in {period}", sum(writes.values()) - lease, "", target="0", renewals_of_lease=lease, reads=reads)
        print(f"    {lease} renewals of the lease, {reads} reads", flush=True)
        self.tell("watches of one kind at most", max(told["watching"].values()), "", target="≤1", kinds=len(told["watching"]))
        self.operator.end()
        self.begin()

    def asked(self, what="counts"):
        request = urllib.request.Request(f"{self.options.proxy}/-/{what}", data=None if what == "counts" else b"{}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def start(self, count):
        times = []
        for _ in range(3):
            self.operator.end()
            begun = time.monotonic()
            self.begin()
            times.append(time.monotonic() - begun)
        self.tell(f"operator's start to ready, {count} definitions there, slowest of 3", max(times), "s", target="≤2")

    def webhook(self):
        """The same code as `xizmat check`, the whole of it; what the API server adds is not counted."""
        folder, port = os.path.join(self.options.folder, "certificate"), free_port()
        desk = Desk(port, certificate(folder))
        self.operator.end()
        begun = time.monotonic()
        self.operator = Operator(self.options, self.options.kubeconfig, **{"webhook.listen": f"127.0.0.1:{port}", "webhook.certificate_folder": folder})
        desk.await_open(self.operator.lives)
        self.tell("operator's start to the webhook's first verdict", time.monotonic() - begun, "s", target="≤2")
        resource, times = definition(), []
        for _ in range(self.options.asked):
            verdict, took = desk.ask(resource)
            if not verdict["allowed"]:
                raise SystemExit(f"bench: the webhook refuses what it should let through: {verdict['status']['message']}")
            times.append(took * 1000)
        times.sort()
        self.tell(f"webhook: a definition of {STEPS} steps, median of {len(times)}", statistics.median(times), "ms")
        self.tell(f"webhook: a definition of {STEPS} steps, p99", times[len(times) * 99 // 100], "ms", target="≤50")
        self.operator.end()
        self.begin()

    def begin(self):
        self.operator = Operator(self.options, self.options.kubeconfig)
        self.operator.await_ready()

    def helm(self, count):
        """The same objects by a chart without logic, one after another, as one would install them."""
        subprocess.run(["kubectl", "create", "namespace", "plain"], check=True, stdout=subprocess.DEVNULL)
        begun = time.monotonic()
        for number in range(self.options.helm):
            subprocess.run(["helm", "install", f"plain-{number:04}", self.options.chart, "--namespace", "plain", "--wait"], check=True, stdout=subprocess.DEVNULL)
        each = (time.monotonic() - begun) / self.options.helm
        self.tell(f"helm install --wait of a plain host, mean of {self.options.helm}", each, "s")
        # Counted from those that were installed: it is said, and not measured.
        self.tell(f"{count} of them one after another, by calculation", each * count, "s", calculated=True)
        ours = [figure for figure in self.figures if figure["name"].startswith(f"{count} definitions, dedicated: apply")]
        if ours:
            self.tell("helm's time against the operator's", each * count / ours[0]["value"], "times")
        subprocess.run(["kubectl", "delete", "namespace", "plain"], check=True, stdout=subprocess.DEVNULL)

    def clear(self, count):
        begun = time.monotonic()
        subprocess.run(["kubectl", "delete", "servicedefinitions", "--all", "--all-namespaces", "--timeout", "900s"], check=True, stdout=subprocess.DEVNULL)
        self.tell(f"{count} definitions deleted, with their hosts", time.monotonic() - begun, "s")
        self.watch.ready.clear()

    def run(self):
        only, count = self.options.only, self.options.count
        self.begin()
        self.agencies(count + self.options.singles)
        for isolation in self.options.isolation:
            if self.figures and any(figure["name"].startswith(f"{count} definitions,") for figure in self.figures):
                self.clear(count)
            self.many(isolation, count)
            for part in ("one", "changed", "quiet"):
                if part in only:
                    getattr(self, part)(isolation, count)
        if "start" in only:
            self.start(count)
        if "webhook" in only:
            self.webhook()
        self.operator.end()
        if "helm" in only:
            self.helm(count)
        self.write()

    def write(self):
        cores = os.cpu_count()
        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
        told = {"profile": self.options.profile, "cores": cores, "processor": model, "definitions_an_agency": self.options.each, "figures": self.figures}
        os.makedirs(os.path.dirname(os.path.abspath(self.options.out)), exist_ok=True)
        with open(self.options.out, "w") as file:
            json.dump(told, file, indent=2, ensure_ascii=False)
        print(f"\nWritten to {self.options.out}.")


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("kubeconfig", "proxied", "proxy", "portal", "folder", "chart"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--out", default="target/bench-operator.json")
    parser.add_argument("--count", type=int, default=1000, help="definitions")
    parser.add_argument("--each", type=int, default=20, help="definitions of an agency")
    parser.add_argument("--singles", type=int, default=100, help="definitions applied one by one")
    parser.add_argument("--quiet", type=int, default=600, help="seconds of quiet")
    parser.add_argument("--asked", type=int, default=1000, help="questions to the webhook")
    parser.add_argument("--helm", type=int, default=50, help="charts installed")
    parser.add_argument("--isolation", nargs="*", default=["shared", "dedicated"])
    parser.add_argument("--only", nargs="*", default=ALL, choices=ALL)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    given.profile = "release" if "/release/" in given.command[0] else "dev"
    given.health = free_port()
    return given


if __name__ == "__main__":
    random.seed(7)
    bench = Bench(options())
    try:
        bench.run()
    finally:
        # Nobody else ends it when a measurement breaks off.
        if bench.operator and bench.operator.lives():
            bench.operator.end()
