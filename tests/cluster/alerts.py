"""Finds labels in alerts and dashboard that no metric bears, and words in an alert's summary that its expression leaves out.

alerts.py RULES DASHBOARD METRICS — RULES: the chart's rendered monitoring; DASHBOARD: Grafana's JSON; METRICS: docs/metrics.md.
"""

import json
import re
import sys

# What monitors add to every metric of ours; kubelet's own metrics bear others.
TARGET = {"app_kubernetes_io_instance", "app_kubernetes_io_component", "xizmat_dev_agency", "xizmat_dev_host", "pod"}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", re.M)


def families(path):
    """Labels by the name of each metric, as it is written in an expression."""
    for name, kind, labels in ROW.findall(open(path).read()):
        known = set(re.findall(r"`(\w+)`", labels)) | TARGET
        yield name, known
        if kind == "histogram":
            yield f"{name}_bucket", known | {"le"}
            yield f"{name}_count", known


def wrong(expression, known):
    """Each label that is asked for and is not there; and those that are left in the end."""
    read = [(name, inner) for name, inner in re.findall(r"\b(\w+)\{(.*?)\}", expression) if name in known]
    labels = set().union(*(known[name] for name, _ in read)) if read else TARGET
    for name, inner in read:
        for label in re.findall(r"(\w+)(?:=~|!~|!=|=)\"", inner):
            if label not in known[name]:
                yield f"{name} has no label {label}"
    for by in re.findall(r"\bby \((.*?)\)", expression):
        for label in by.split(", "):
            if label not in labels:
                yield f"nothing in it has the label {label}: {expression}"


def left(expression, known):
    """Labels of what an expression gives, where its outermost word says so."""
    outer = re.match(r"(?:sum|max|min|count)(?: by \((.*?)\))? ?\(", expression)
    return set(outer.group(1).split(", ")) if outer and outer.group(1) else set() if outer else None


def main(rules, dashboard, metrics):
    known, found, read = dict(families(metrics)), [], 0
    text = open(rules).read()
    for alert, expression, summary in re.findall(r"- alert: (\w+)\n\s+expr: (\".*\")\n(?:.*\n)*?\s+summary: (\".*\")", text):
        expression, read = json.loads(expression), read + 1
        found += [f"{alert}: {one}" for one in wrong(expression, known)]
        given = left(expression, known)
        said = set(re.findall(r"\$labels\.(\w+)", json.loads(summary)))
        if given is not None and said - given:
            found.append(f"{alert}: its summary names {', '.join(sorted(said - given))}, which its expression leaves out")
    for panel in json.load(open(dashboard))["panels"]:
        for target in panel["targets"]:
            read += 1
            found += [f"{panel['title']}: {one}" for one in wrong(target["expr"], known)]
    print("\n".join(found) or f"{read} expressions read")
    return 1 if found or not read else 0


sys.exit(main(*sys.argv[1:]))
