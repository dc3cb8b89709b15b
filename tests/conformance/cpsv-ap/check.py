"""Judges JSON-LD by SHACL shapes with tools that are not ours: check.py SHAPES FILE..."""

import sys

from pyshacl import validate
from rdflib import RDF, Graph, Namespace

CPSV = Namespace("http://purl.org/vocab/cpsv#")
DCT = Namespace("http://purl.org/dc/terms/")
SHACL = Namespace("http://www.w3.org/ns/shacl#")


def problems(graph, shapes):
    conforms, report, _ = validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    if conforms:
        return []
    return [
        f"{report.value(result, SHACL.focusNode)} {report.value(result, SHACL.resultPath)}: {report.value(result, SHACL.resultMessage)}"
        for result in report.subjects(RDF.type, SHACL.ValidationResult)
    ]


def broken(graph):
    """The same services without identifiers: a judge that lets them pass judges nothing."""
    copy = Graph()
    for triple in graph:
        if not (triple[1] == DCT.identifier and (triple[0], RDF.type, CPSV.PublicService) in graph):
            copy.add(triple)
    return copy


shapes = Graph().parse(sys.argv[1], format="turtle")
failed = 0
for path in sys.argv[2:]:
    graph = Graph().parse(path, format="json-ld")
    services = list(graph.subjects(RDF.type, CPSV.PublicService))
    found = problems(graph, shapes)
    if not services:
        found.append("it describes no service")
    if not problems(broken(graph), shapes):
        found.append("a broken copy passes")
    print(f"{path}: {len(services)} services, {len(graph)} triples, {'; '.join(found) or 'valid'}")
    failed += bool(found)
passed = len(sys.argv) - 2 - failed
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
