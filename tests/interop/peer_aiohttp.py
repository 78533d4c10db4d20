"""`aiohttp` from PyPI as a client that compares every echo, or as a server that echoes. It can't send fragments."""

import asyncio
import collections

import aiohttp
from aiohttp import WSMsgType, web
from aiohttp._websocket import reader
from aiohttp._websocket.writer import WebSocketWriter

import forms
import jobs
import messages

counted = collections.Counter()

write_frame = WebSocketWriter._write_websocket_frame


def write_counted(self, message, opcode, rsv):
    counted["sent"] += rsv == 0x40
    write_frame(self, message, opcode, rsv)


WebSocketWriter._write_websocket_frame = write_counted


def count_inflated(module):
    """Its reader inflates each message with one call."""

    class Counting(module.ZLibDecompressor):
        def decompress_sync(self, *arguments):
            counted["received"] += 1
            return super().decompress_sync(*arguments)

    module.ZLibDecompressor = Counting


if reader.WebSocketReader.__module__.endswith("reader_c"):
    from aiohttp._websocket import reader_c

    count_inflated(reader_c)
else:
    from aiohttp._websocket import reader_py

    count_inflated(reader_py)


class Sender:
    """Sends compressed and plain, and pings in between."""

    def __init__(self, socket):
        self.socket = socket
        self.messages = self.pings = self.pongs = 0

    async def send(self, message):
        number = self.messages
        self.messages += 1
        if forms.pings_before(number):
            await self.socket.ping(str(self.pings).encode())
            self.pings += 1
        writer = self.socket._writer
        # There is no public way to send a message plain.
        agreed = writer.compress
        writer.compress = 0 if forms.is_plain(number) else agreed
        send = self.socket.send_str if isinstance(message, str) else self.socket.send_bytes
        await send(message)
        writer.compress = agreed

    async def receive(self):
        """The next data message, or None at the end."""
        while True:
            message = await self.socket.receive()
            match message.type:
                case WSMsgType.TEXT | WSMsgType.BINARY:
                    return message.data
                case WSMsgType.PING:
                    await self.socket.pong(message.data)
                case WSMsgType.PONG:
                    assert message.data == str(self.pongs).encode(), "a pong that answers no ping"
                    self.pongs += 1
                case WSMsgType.CLOSE | WSMsgType.CLOSING | WSMsgType.CLOSED:
                    return None
                case _:
                    raise message.data

    def counts(self, headers):
        return {
            "header": headers.get("Sec-WebSocket-Extensions", ""),
            "messages": self.messages,
            "sent": counted["sent"],
            "received": counted["received"],
            "fragmented": 0,
            "pings": self.pings,
            "pongs": self.pongs,
        }


async def client(job):
    counted.clear()
    sent = list(messages.read(job["messages"]))
    deflate = job["deflate"]
    bits = 0 if deflate is None else deflate.get("server_max_window_bits", 15)
    async with aiohttp.ClientSession() as session:
        url = f"http://{job['address']}/"
        async with session.ws_connect(url, compress=bits, max_msg_size=0, autoping=False) as socket:
            sender = Sender(socket)

            async def send():
                for message in sent:
                    await sender.send(message)

            sending = asyncio.create_task(send())
            for number, message in enumerate(sent):
                echo = await sender.receive()
                assert type(echo) is type(message), f"message {number}: kind, {socket.exception()!r}"
                assert echo == message, f"message {number}: {len(message)} bytes differ"
            await sending
            counts = sender.counts(socket._response.headers)
            assert await socket.close(code=1000, message=b"done")
    assert socket.close_code == 1000, f"closed with {socket.close_code}"
    return counts


async def server(job):
    counted.clear()
    done = asyncio.get_running_loop().create_future()

    async def echo(request):
        socket = web.WebSocketResponse(compress=job["deflate"] is not None, max_msg_size=0, autoping=False)
        try:
            await socket.prepare(request)
            sender = Sender(socket)
            while (message := await sender.receive()) is not None:
                await sender.send(message)
            done.set_result(sender.counts(socket.headers))
        except Exception as error:
            done.set_exception(error)
        return socket

    application = web.Application()
    application.router.add_get("/", echo)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        jobs.say(port=site._server.sockets[0].getsockname()[1])
        return await done
    finally:
        await runner.cleanup()


asyncio.run(jobs.serve_jobs(client, server))
