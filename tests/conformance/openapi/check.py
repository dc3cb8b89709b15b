"""Judges OpenAPI documents with a validator that is not ours: check.py FILE..."""

import copy
import sys

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator


def problems(document):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()]


def broken(document):
    """The same document without what every response must say: a judge that lets it pass judges nothing."""
    document = copy.deepcopy(document)
    for verbs in document["paths"].values():
        for operation in verbs.values():
            for response in operation["responses"].values():
                del response["description"]
                return document


failed = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    found = problems(document)
    if not document["openapi"].startswith("3.1."):
        found.append(f"it is OpenAPI {document['openapi']}")
    if not problems(broken(document)):
        found.append("a broken copy passes")
    print(f"{path}: {len(document['paths'])} paths, {'; '.join(found) or 'valid'}")
    failed += bool(found)
sys.exit(1 if failed or len(sys.argv) < 2 else 0)
