"""`websockets` from PyPI as a client that compares every echo, or as a server that echoes."""

import asyncio

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import CTRL_OPCODES, Opcode

import forms
import jobs
import messages


class Mixing(PerMessageDeflate):
    """Leaves some messages plain, which the library itself never does, and counts those that are compressed."""

    number = sent = received = 0
    plain = False

    def encode(self, frame):
        if frame.opcode in CTRL_OPCODES:
            return frame
        if frame.opcode is not Opcode.CONT:
            self.plain = forms.is_plain(self.number)
            self.number += 1
            self.sent += not self.plain
        return frame if self.plain else super().encode(frame)

    def decode(self, frame, **limits):
        self.received += frame.rsv1
        return super().decode(frame, **limits)


class Client(ClientPerMessageDeflateFactory):
    def process_response_params(self, *parameters):
        extension = super().process_response_params(*parameters)
        extension.__class__ = Mixing
        return extension


class Server(ServerPerMessageDeflateFactory):
    def process_request_params(self, *parameters):
        answer, extension = super().process_request_params(*parameters)
        extension.__class__ = Mixing
        return answer, extension


class Sender:
    """Sends in every form, and pings in between."""

    def __init__(self, connection):
        self.connection = connection
        self.messages = self.fragmented = 0
        self.pings = []

    async def send(self, message):
        number = self.messages
        self.messages += 1
        if forms.pings_before(number):
            self.pings.append(await self.connection.ping())
        if forms.is_fragmented(number):
            self.fragmented += 1
            message = forms.fragments(message, number)
        await self.connection.send(message)

    def counts(self, header):
        extension = next(iter(self.connection.protocol.extensions), Mixing)
        return {
            "header": header.get("Sec-WebSocket-Extensions", ""),
            "messages": self.messages,
            "sent": extension.sent,
            "received": extension.received,
            "fragmented": self.fragmented,
            "pings": len(self.pings),
            "pongs": sum(waiter.done() and not waiter.cancelled() for waiter in self.pings),
        }


async def client(job):
    sent = list(messages.read(job["messages"]))
    extensions = None if job["deflate"] is None else [Client(**job["deflate"])]
    url = f"ws://{job['address']}/"
    async with connect(url, compression=None, extensions=extensions, max_size=None, proxy=None) as connection:
        sender = Sender(connection)

        async def send():
            for message in sent:
                await sender.send(message)

        sending = asyncio.create_task(send())
        for number, message in enumerate(sent):
            echo = await connection.recv()
            assert type(echo) is type(message), f"message {number}: kind"
            assert echo == message, f"message {number}: {len(message)} bytes differ"
        await sending
        await asyncio.gather(*sender.pings)
        counts = sender.counts(connection.response.headers)
    assert connection.close_code == 1000, f"closed with {connection.close_code} {connection.close_reason}"
    return counts


async def server(job):
    done = asyncio.get_running_loop().create_future()

    async def echo(connection):
        sender = Sender(connection)
        try:
            async for message in connection:
                await sender.send(message)
            await asyncio.gather(*sender.pings)
            done.set_result(sender.counts(connection.response.headers))
        except Exception as error:
            done.set_exception(error)

    extensions = None if job["deflate"] is None else [Server(**job["deflate"])]
    async with serve(echo, "127.0.0.1", 0, compression=None, extensions=extensions, max_size=None) as listening:
        jobs.say(port=next(iter(listening.sockets)).getsockname()[1])
        return await done


asyncio.run(jobs.serve_jobs(client, server))
