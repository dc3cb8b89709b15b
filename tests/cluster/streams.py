"""On which servers of a NATS cluster streams and their consumers lie, as the servers say on their monitoring ports.

streams.py [--leader STREAM] NAME=ADDRESS… — NAME: the server's. Fails where something does not lie whole on each of them. With
--leader it says which of them leads that stream, and judges nothing.
"""

import argparse
import json
import sys
import urllib.request

ASKED = "http://{}:8222/jsz?accounts=true&streams=true&consumers=true"


def told(address):
    """Each stream and each consumer that the server knows, with what it knows of the servers that hold it."""
    with urllib.request.urlopen(ASKED.format(address), timeout=5) as answer:
        accounts = json.load(answer).get("account_details") or []
    for stream in (stream for account in accounts for stream in account.get("stream_detail") or []):
        yield stream["name"], stream.get("cluster") or {}
        for consumer in stream.get("consumer_detail") or []:
            yield f"{stream['name']}/{consumer['name']}", consumer.get("cluster") or {}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--leader")
    arguments.add_argument("servers", nargs="+")
    arguments = arguments.parse_args()
    servers = dict(server.split("=", 1) for server in arguments.servers)
    known, led = set(), {}
    for name, address in servers.items():
        try:
            for thing, cluster in told(address):
                known.add(thing)
                # Who leads it alone knows how far the others are.
                if cluster.get("leader") == name:
                    led[thing] = (name, cluster.get("replicas") or [])
        except (OSError, ValueError) as error:
            sys.exit(f"{name} does not answer: {error}")
    if arguments.leader:
        if arguments.leader not in led:
            sys.exit(f"nobody leads {arguments.leader}")
        print(led[arguments.leader][0])
        return
    found = [f"nobody leads {thing}" for thing in sorted(known - led.keys())]
    for thing, (leader, others) in sorted(led.items()):
        whole = {leader} | {one["name"] for one in others if one.get("current") and not one.get("offline")}
        found += [f"{thing} does not lie whole on {name}" for name in sorted(servers.keys() - whole)]
    if found or not known:
        sys.exit("\n".join(found) or "there is no stream")
    consumers = sum("/" in thing for thing in known)
    print(f"{len(known) - consumers} streams and {consumers} consumers lie on every server")


main()
