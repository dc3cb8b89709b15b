#!/usr/bin/env python3
"""Definitions in a version that no release serves, brought there and back by other hands than those that are proved.

Reads JSON; the version is that of operator/controller/src/webhook/conversion/tests/next.rs.
`definition URL KEPT`: the resource definition with both versions, kept in one of them, converted at that address.
`manifest NAME [NOTE]`: what an author of v1alpha1 applies, as the next version's author would write it.
`whole`: what the API server gave in either version, in the words of v1alpha1, so that both can be compared.
`authored`: of that, what people wrote and who did; not what the operator reports. `content`: the same without who.
`kept`: in which versions etcd keeps what it answered.
"""
import base64
import copy
import json
import sys

GROUP, FIRST, NEXT = "xizmat.dev", "v1alpha1", "v1alpha99"
NOTE = f"{NEXT}.{GROUP}/note"


def definition(found, url, kept):
    spec = found["spec"]
    (first,) = spec["versions"]
    further = copy.deepcopy(first)
    further["name"] = NEXT
    schema = further["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema["properties"]["owner"] = schema["properties"].pop("agency")
    schema["properties"]["note"] = {"type": "string", "description": "Whatever its author wants to keep in mind."}
    schema["required"] = ["owner" if name == "agency" else name for name in schema["required"]]
    for place in further["additionalPrinterColumns"] + further["selectableFields"]:
        place["jsonPath"] = place["jsonPath"].replace(".spec.agency", ".spec.owner")
    for version in (first, further):
        version["storage"] = version["name"] == kept
    spec["versions"] = [first, further]
    spec["conversion"] = {"strategy": "Webhook",
                          "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": url}}}
    return found


def manifest(found, name, *note):
    found["apiVersion"] = f"{GROUP}/{NEXT}"
    found["metadata"]["name"] = name
    found["spec"]["owner"] = found["spec"].pop("agency")
    found["spec"].update({"note": text for text in note})
    return found


def whole(found):
    version, spec, metadata = found.pop("apiVersion"), found["spec"], found["metadata"]
    if version == f"{GROUP}/{NEXT}":
        spec["agency"] = spec.pop("owner")
        if "note" in spec:
            metadata.setdefault("annotations", {})[NOTE] = spec.pop("note")
    if version not in (f"{GROUP}/{FIRST}", f"{GROUP}/{NEXT}") or "agency" not in spec or "owner" in spec:
        sys.exit(f"{metadata['name']} is no definition of {version}")
    return found


def authored(found):
    found, names = whole(found), ("name", "namespace", "uid", "generation", "labels", "annotations", "finalizers")
    # Neither what the operator reports, nor since when.
    entries = [{name: value for name, value in entry.items() if name != "time"}
               for entry in found["metadata"].get("managedFields", []) if entry.get("subresource") != "status"]
    return {"metadata": {name: found["metadata"].get(name) or None for name in names}, "spec": found["spec"],
            "revision": found["status"]["revision"], "written by": sorted(entries, key=json.dumps)}


def content(found):
    reduced = authored(found)
    del reduced["written by"]
    return reduced


def kept(found):
    values = [json.loads(base64.b64decode(one["value"])) for one in found.get("kvs", [])]
    return " ".join(sorted({value["apiVersion"].removeprefix(f"{GROUP}/") for value in values}))


command, *rest = sys.argv[1:]
given = json.load(sys.stdin)
made = {"definition": definition, "manifest": manifest, "whole": whole, "authored": authored, "content": content,
        "kept": kept}[command]
if command in ("whole", "authored", "content") and "items" in given:
    result = sorted((made(one) for one in given["items"]), key=lambda one: one["metadata"]["name"])
else:
    result = made(given, *rest)
print(result if isinstance(result, str) else json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True))
