"""A TCP proxy for Kafka's protocol that loses the answers to the end of transactions."""

import asyncio
import threading

END_TXN = 26  # Kafka's number of the request that commits or aborts.


class Requests:
    """Finds the kinds of requests in what a client sends: each is its size (4 bytes) and then
    begins with its kind (2 bytes)."""

    def __init__(self):
        self.rest = b""
        self.skip = 0

    def kinds(self, data):
        found = []
        data = self.rest + data
        self.rest = b""
        while data:
            if self.skip:
                taken = min(self.skip, len(data))
                self.skip -= taken
                data = data[taken:]
                continue
            if len(data) < 6:
                self.rest = data
                break
            found.append(int.from_bytes(data[4:6], "big"))
            self.skip = 4 + int.from_bytes(data[:4], "big")
        return found


class Line:
    def __init__(self, client):
        self.client = client
        self.requests = Requests()
        self.held = False


class Proxy:
    """Passes everything on; armed, the next connection that ends a transaction gets no more
    answers: the server does what it was asked, and its client never hears of it."""

    def __init__(self, listen_port, target_port):
        self.listen_port, self.target_port = listen_port, target_port
        self.armed = False
        self.lines = set()
        self.holds = threading.Event()
        self.loop = asyncio.new_event_loop()
        listening = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(listening,), daemon=True)
        self.thread.start()
        if not listening.wait(10):
            raise OSError(f"port {listen_port} cannot be listened on")

    def _run(self, listening):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.listen_port))
        listening.set()
        self.loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    async def _serve(self, from_client, to_client):
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            to_client.transport.abort()
            return
        line = Line(to_client)
        self.lines.add(line)
        ways = [asyncio.create_task(self._questions(line, from_client, to_server)),
                asyncio.create_task(self._answers(line, from_server))]
        try:
            await asyncio.gather(*ways)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            for way in ways:
                way.cancel()
            self.lines.discard(line)
            to_client.transport.abort()
            to_server.transport.abort()

    async def _questions(self, line, from_client, to_server):
        while data := await from_client.read(65536):
            if END_TXN in line.requests.kinds(data) and self.armed:
                self.armed = False
                line.held = True
                self.holds.set()
            to_server.write(data)
            await to_server.drain()
        raise EOFError

    async def _answers(self, line, from_server):
        while data := await from_server.read(65536):
            if line.held:
                continue
            line.client.write(data)
            await line.client.drain()
        raise EOFError

    def arm(self):
        """Holds the answers from the next end of a transaction on; wait_held() tells when."""
        self.holds.clear()
        self.armed = True

    def wait_held(self, seconds):
        return self.holds.wait(seconds)

    def reset_held(self):
        """Ends the connections whose answers are held, without a word."""
        def reset():
            for line in list(self.lines):
                if line.held:
                    line.client.transport.abort()
        self.loop.call_soon_threadsafe(reset)

    def end(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
