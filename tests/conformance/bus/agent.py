"""An agency's own system: serves the civil status registry over NATS with the credentials that the exchange gave it.

agent.py URL CREDENTIALS — knows one marriage, prints `ready` when it serves.
"""

import asyncio
import json
import sys

import nats
import nats.micro

RECORDS = {
    "41503920170217": {
        "date": "2016-05-14",
        "office": "tashkent-yunusabad",
        "place": "Toshkent shahri, Yunusobod tumani",
        "actNumber": "9001",
        "spouse1": "Karimov Anvar Ilhomovich",
        "spouse2": "Karimova (Rahimova) Dilnoza Rustamovna",
    }
}


async def my_marriages(request):
    record = RECORDS.get(json.loads(request.data)["pinfl"])
    await answer(request, record)


async def find(request):
    question = json.loads(request.data)
    record = RECORDS.get(question["pinfl"])
    fits = record and all(record[key] == question[key] for key in ("date", "office"))
    await answer(request, record if fits else None)


async def answer(request, record):
    if record is None:
        await request.respond_error("404", "not-found")
    else:
        await request.respond(json.dumps(record).encode())


async def main(url, credentials):
    client = await nats.connect(url, user_credentials=credentials, inbox_prefix=b"inbox.agent", name="civil-status in Python")
    service = await nats.micro.add_service(client, name="civil-status", version="1.0.0")
    for operation, handler in (("my-marriages", my_marriages), ("find", find)):
        # A queue of its own: the tests' other system of this agency stays silent meanwhile, and must not be asked in its place.
        await service.add_endpoint(
            name=operation, subject=f"registry.civil-status.{operation}", handler=handler, queue_group="python"
        )
    await client.flush()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
