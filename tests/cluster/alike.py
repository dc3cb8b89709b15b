#!/usr/bin/env python3
"""Prints objects so that two runs can be compared: what chance and time decide is left out. Reads `kubectl get --output json`."""
import json
import re
import sys

# Keys are made by chance; what is derived from them differs as they do.
CHANCE = re.compile(r"[0-9a-f]{64}|[A-Za-z0-9_-]{43,}|U[A-Z2-7]{55}")
BY_SERVER = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink")


def alike(value, secret=False):
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in BY_SERVER and not name.endswith("TransitionTime")}
        return {name: alike(one, secret) for name, one in sorted(kept.items())}
    if isinstance(value, list):
        return [alike(one, secret) for one in value]
    if isinstance(value, str):
        return "…" if secret else CHANCE.sub("…", value)
    return value


def normalised(found):
    metadata = found["metadata"]
    managers = sorted({(entry["manager"], entry["operation"], entry.get("subresource", ""))
                       for entry in metadata.get("managedFields", []) if entry["manager"].startswith("xizmat")})
    annotations = metadata.get("annotations", {})
    # How often a pod's template was written is how it came about, not what it is.
    for name in ("deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"):
        annotations.pop(name, None)
    made = {name: alike(value) for name, value in found.items() if name not in ("data", "status")}
    # When the register admitted a revision is of the run; what it changed is not.
    made.get("spec", {}).pop("admitted", None)
    if "data" in found:
        made["data"] = alike(found["data"], secret=found["kind"] == "Secret")
    if "xizmat.dev" in found["apiVersion"]:
        # A revision's hash is that of its content, and the same in both.
        status = json.loads(json.dumps(found.get("status", {})))
        for condition in status.get("conditions", []):
            condition.pop("lastTransitionTime", None)
            # How many connections all hosts may take together is told as of the last look; one was still there, or not any more.
            if condition.get("reason") in ("Provided", "TooManyConnections"):
                condition.update(reason="Provided", message="…")
        made["status"] = status
    made["written by"] = managers
    return made


objects = [normalised(found) for found in json.load(sys.stdin)["items"]]
objects.sort(key=lambda one: (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]))
print(json.dumps(objects, indent=1, ensure_ascii=False, sort_keys=True))
