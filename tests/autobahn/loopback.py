# -*- coding: utf-8 -*-
"""The suite's own program with every socket on 127.0.0.1: its server would listen everywhere.

Runs under the suite's Python 2.7, with the arguments of `wstest`.
"""
# The suite imports its own modules by relative names, which only works once its package is there.
import autobahntestsuite  # noqa: F401
from autobahntestsuite import wstest
from twisted.internet import reactor

LOOPBACK = "127.0.0.1"


def on_loopback(listen_or_connect, takes_a_host):
    def listen(port, factory, backlog=50, interface=""):
        return listen_or_connect(port, factory, backlog, LOOPBACK)

    def connect(host, port, factory, timeout=30, bindAddress=None):
        if host != LOOPBACK:
            raise SystemExit("%s is not %s" % (host, LOOPBACK))
        return listen_or_connect(host, port, factory, timeout, (LOOPBACK, 0))

    return connect if takes_a_host else listen


reactor.listenTCP = on_loopback(reactor.listenTCP, False)
reactor.connectTCP = on_loopback(reactor.connectTCP, True)
wstest.run()
