"""The proxy passes everything on until it is armed, then loses answers and nothing else."""

import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import campaign_proxy  # noqa: E402


def request(kind, size):
    return size.to_bytes(4, "big") + kind.to_bytes(2, "big") + b"x" * (size - 2)


class Echo:
    """A server that gives back what it gets."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.got = b""
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            line, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(line,), daemon=True).start()

    def serve(self, line):
        while data := line.recv(65536):
            self.got += data
            line.sendall(data)


def read(line, size):
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.server = Echo()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.proxy = campaign_proxy.Proxy(self.port, self.server.port)
        self.line = socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def tearDown(self):
        self.line.close()
        self.proxy.end()

    def test_finds_requests_in_any_pieces(self):
        data = request(0, 100) + request(26, 50) + request(3, 10)
        for size in (1, 5, 7, 64, 1000):
            requests, found = campaign_proxy.Requests(), []
            for begin in range(0, len(data), size):
                found += requests.kinds(data[begin:begin + size])
            self.assertEqual(found, [0, 26, 3])

    def test_passes_on(self):
        for kind in (0, campaign_proxy.END_TXN):
            self.line.sendall(request(kind, 100))
            self.assertEqual(read(self.line, 104), request(kind, 100))

    def test_loses_the_answer_to_the_end_of_a_transaction(self):
        self.proxy.arm()
        self.line.sendall(request(0, 100))
        self.assertEqual(read(self.line, 104), request(0, 100))
        self.assertFalse(self.proxy.wait_held(0))
        self.line.sendall(request(campaign_proxy.END_TXN, 100))
        self.assertTrue(self.proxy.wait_held(10))
        until = time.monotonic() + 10
        while len(self.server.got) < 208 and time.monotonic() < until:
            time.sleep(0.01)
        self.assertEqual(len(self.server.got), 208)  # The server heard it.
        self.line.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            self.line.recv(1)
        # Others go on.
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as other:
            other.sendall(request(campaign_proxy.END_TXN, 10))
            self.assertEqual(read(other, 14), request(campaign_proxy.END_TXN, 10))
            self.proxy.reset_held()
            self.line.settimeout(10)
            self.assertIn(self.ended(), (b"", None))
            other.sendall(request(0, 10))
            self.assertEqual(read(other, 14), request(0, 10))

    def ended(self):
        try:
            return self.line.recv(1)
        except ConnectionResetError:
            return None


if __name__ == "__main__":
    unittest.main()
