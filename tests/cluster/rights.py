"""Compares what accounts asked the API server for with the rights that the chart gives the operator.

rights.py AUDIT RULES UNUSED USER… — AUDIT: the API server's log; RULES: the chart's roles as JSON; UNUSED: rights that a short
test cannot use, a line each with its reason. Fails on a request that was refused, and on a right that nothing used.
"""

import json
import sys


# An operator that is uninstalled wants to give its lease back, and to read once more what it is about, when Helm has taken its roles
# already. Definitions are what its role lets it read in every namespace.
LAST_WORDS = (("get", "coordination.k8s.io/leases"), ("get", "xizmat.dev/servicedefinitions"))


def objects(path):
    """Every object of a file: one JSON text after another, or a list of them."""
    text, decoder = open(path).read().strip(), json.JSONDecoder()
    while text:
        one, end = decoder.raw_decode(text)
        text = text[end:].lstrip()
        yield from one["items"] if one["kind"] == "List" else (one,)


def rights(path):
    """(verb, group/resource, names) of the operator's own roles."""
    for role in objects(path):
        own = role["metadata"]["name"].endswith(("-operator", "-operator-hosts"))
        if not own or role["kind"] not in ("Role", "ClusterRole"):
            continue
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in rule["verbs"]:
                        yield verb, f"{group}/{resource}", tuple(rule.get("resourceNames", ()))


def requests(path, users):
    """(verb, group/resource, name) and whether it was let through."""
    for line in open(path):
        event = json.loads(line)
        of = event.get("objectRef")
        if event["user"]["username"] not in users or not of:
            continue
        resource = "/".join(filter(None, (of["resource"], of.get("subresource"))))
        what = f"{of.get('apiGroup', '')}/{resource}"
        allowed = event.get("annotations", {}).get("authorization.k8s.io/decision") == "allow"
        code = event.get("responseStatus", {}).get("code")
        yield (event["verb"], what, of.get("name", "")), allowed and code != 403, event
        # Server-side apply of what was not there yet.
        if event["verb"] == "patch" and code == 201:
            yield ("create", what, of.get("name", "")), allowed, event


def main(audit, rules, listed, *users):
    unused_by_reason = {}
    for line in open(listed):
        if line.strip() and not line.startswith("#"):
            verb, what, reason = line.split(maxsplit=2)
            unused_by_reason[verb, what] = reason
    given, used, wrong = set(rights(rules)), set(), []
    for (verb, what, name), allowed, event in requests(audit, users):
        fits = {right for right in given if right[:2] == (verb, what) and (not right[2] or name in right[2])}
        used |= fits
        # What belongs to everybody who is signed in is no right of the role, and was allowed. A namespace that goes takes nothing new.
        told = event.get("responseStatus", {}).get("message", "")
        if not allowed and "because it is being terminated" not in told and not (fits and (verb, what) in LAST_WORDS):
            wrong.append(f"refused: {verb} {what} {name} {told}")
    for verb, what, names in sorted(given - used):
        if (verb, what) not in unused_by_reason:
            wrong.append(f"unused: {verb} {what} {' '.join(names)}")
    for verb, what in unused_by_reason:
        if not any(right[:2] == (verb, what) for right in given - used):
            wrong.append(f"listed as unused, but used or not given: {verb} {what}")
    print("\n".join(sorted(set(wrong))) or f"{len(used)} rights used, {len(unused_by_reason)} listed")
    return 1 if wrong or not used else 0


sys.exit(main(*sys.argv[1:]))
