"""Apache Kafka behind a TCP proxy: it can be killed, paused, started again, and its answers can get lost."""

import contextlib
import select
import signal
import socket
import threading

from embedded.kafka import KafkaServer
from embedded.running import start, stop, wait_until_up


class _Kafka(KafkaServer):
    """With a second listener, whose clients are told to come through the proxy."""

    def __init__(self, folder, port, controller_port, behind_port, proxy_port):
        super().__init__(folder, port, controller_port, heap_megabytes=160)
        self._behind, self._proxy = f"PROXIED://127.0.0.1:{behind_port}", f"PROXIED://127.0.0.1:{proxy_port}"

    def _settings(self):
        settings = super()._settings()
        settings["listeners"] += f",{self._behind}"
        settings["advertised.listeners"] += f",{self._proxy}"
        settings["listener.security.protocol.map"] += ",PROXIED:PLAINTEXT"
        return settings


class StoppableBroker:
    """Starts when it is first needed. `bootstrap` leads straight to it, `proxied` through the proxy."""

    def __init__(self, folder, port, controller_port, behind_port, proxy_port):
        folder.mkdir()
        self.server = _Kafka(folder / "kafka", port, controller_port, behind_port, proxy_port)
        self.bootstrap, self.proxied = self.server.bootstrap, f"127.0.0.1:{proxy_port}"
        self._output = folder / "kafka.out"
        self._child = None
        self.proxy = _Proxy(proxy_port, behind_port)
        self.server.prepare()

    def start(self):
        if self._child is None:
            self._child = start(self.server, self._output)
            wait_until_up(self.server, self._child, self._output)

    def kill(self):
        self._child.kill()
        self._child.wait()
        self._child = None

    def pause(self):
        self._child.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._child.send_signal(signal.SIGCONT)

    def close(self):
        self.proxy.close()
        if self._child is not None:
            self.go_on()
            stop(self.server, self._child)


class _Proxy:
    """Hands bytes on in both directions. With `swallow_answers`, what the broker says is lost."""

    def __init__(self, port, behind_port):
        self.swallow_answers = False
        self.swallowed = 0
        self._behind = ("127.0.0.1", behind_port)
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self):
        """Ends every connection."""
        for pair in self._pairs:
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(self._behind, timeout=5)
            except OSError:
                client.close()
                continue
            self._pairs.append((client, broker))
            threading.Thread(target=self._hand_on, args=(client, broker), daemon=True).start()

    def _hand_on(self, client, broker):
        with client, broker, contextlib.suppress(OSError):
            while True:
                for ready in select.select([client, broker], [], [])[0]:
                    said = ready.recv(65_536)
                    if not said:
                        return
                    if ready is client:
                        broker.sendall(said)
                    elif self.swallow_answers:
                        self.swallowed += len(said)
                    else:
                        client.sendall(said)
