"""An agency's own system on the bus, as a client that is not ours meets it: its own agency and nothing else.

walls.py URL CREDENTIALS NEIGHBOUR — both files as any NATS client reads them; NEIGHBOUR are another agency's. Prints what was refused.
"""

import asyncio
import sys

import nats
from nats.errors import NoRespondersError, TimeoutError

FOREIGN = (">", "exchange.v1.>", "eservice.v1.event.>", "$SYS.>", "$JS.API.>", "inbox.operator.>")


async def connect(url, credentials, refused):
    async def error(problem):
        refused.append(str(problem))

    return await nats.connect(
        url, user_credentials=credentials, inbox_prefix=b"inbox.agent", error_cb=error, allow_reconnect=False, connect_timeout=5
    )


async def main(url, credentials, neighbours):
    refused, theirs, heard = [], [], []

    async def keep(message):
        heard.append((message.subject, message.data))

    system, neighbour = await connect(url, credentials, refused), await connect(url, neighbours, theirs)
    for subject in ("registry.*.*", *FOREIGN):
        await system.subscribe(subject, cb=keep)
    await system.flush()
    for client, word in ((neighbour, b"foreign"), (system, b"own")):
        await client.publish("registry.walls.try", word)
        await client.flush()
    for subject in ("exchange.v1.publish-resource.justice.operator", "$SYS.REQ.CLAIMS.UPDATE"):
        try:
            await system.request(subject, b"", timeout=0.3)
            raise SystemExit(f"answered: {subject}")
        except (TimeoutError, NoRespondersError):
            pass
    assert heard == [("registry.walls.try", b"own")], heard
    violations = [problem for problem in refused if "permissions violation" in problem.lower()]
    assert len(violations) >= len(FOREIGN) + 2, refused
    print("\n".join(violations))


asyncio.run(main(*sys.argv[1:]))
