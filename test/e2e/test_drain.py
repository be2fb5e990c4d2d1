#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the process ends: what is under way is finished first."""

import signal
import time

from client import connect, read_one, request_bytes
from harness import (Exporter, FACTOR, PATIENCE, Sim, main, probe_path, test,
                     wait_until)

# Long enough to look around meanwhile, shorter than the limit of a drain.
SLOW = '--behave=delay=%d' % min(2500 * FACTOR, 4000)
# How long a drain may take.
LIMIT = 5


def wait_draining(exporter):
    wait_until(lambda: exporter.ask('/-/ready').status == 503,
               '/-/ready is to be 503')


def check_drain(number):
    with Sim(SLOW) as sim, Exporter() as exporter:
        slow = exporter.later(exporter.probe, sim.https)
        sim.wait_counter('requests_open', 6)
        exporter.process.send_signal(number)
        wait_draining(exporter)
        for method in ('GET', 'HEAD'):
            answer = exporter.ask(probe_path(sim.https), method)
            assert answer.status == 503, answer.status
            assert answer.header('Retry-After') is not None, answer.headers
        assert exporter.ask('/-/healthy').status == 200
        assert not slow.done(), 'too slow to see a drain'
        page = slow.result(PATIENCE)
        assert page.value('probe_success') == '1', page.text
        assert sim.report_counters()['requests_total'] == 6
        assert exporter.wait_exit() == 0


@test
def sigterm_lets_a_probe_finish():
    check_drain(signal.SIGTERM)


@test
def sigint_lets_a_probe_finish():
    check_drain(signal.SIGINT)


@test
def every_waiting_probe_is_answered():
    with Sim(SLOW) as sim, Exporter() as exporter:
        probes = [exporter.later(exporter.probe, url) for url in sim.urls * 3]
        sim.wait_counter('requests_open', 12)
        exporter.process.terminate()
        for probe in probes:
            assert probe.result(PATIENCE).value('probe_success') == '1'
        assert exporter.wait_exit() == 0


@test
def a_request_that_follows_on_a_draining_connection_is_told():
    with Sim(SLOW) as sim, Exporter() as exporter:
        address = exporter.addresses[0]
        slow = exporter.later(exporter.probe, sim.https)
        with connect(address, PATIENCE) as sock:
            stream = sock.makefile('rb')
            sock.sendall(request_bytes(address, '/-/ready', close=False))
            assert read_one(stream).status == 200
            sim.wait_counter('requests_open', 6)
            exporter.process.terminate()
            wait_draining(exporter)
            sock.sendall(request_bytes(address, '/-/ready', close=False))
            assert read_one(stream).status == 503
            slow.result(PATIENCE)
        assert exporter.wait_exit() == 0


@test
def without_work_the_end_comes_at_once():
    with Exporter() as exporter:
        began = time.monotonic()
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        assert time.monotonic() - began < LIMIT * FACTOR


@test
def a_signal_right_after_the_start_is_heard():
    # Whoever has read the address may send it; so the handlers come first.
    for again in range(20):
        with Exporter() as exporter:
            exporter.process.terminate()
            assert exporter.wait_exit() == 0


@test
def an_idle_connection_does_not_delay_the_end():
    with Exporter() as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock, \
                connect(address, PATIENCE) as unused:
            sock.sendall(request_bytes(address, '/-/healthy', close=False))
            read_one(sock.makefile('rb'))
            began = time.monotonic()
            exporter.process.terminate()
            assert exporter.wait_exit() == 0
            assert time.monotonic() - began < LIMIT * FACTOR
            assert unused.recv(1) == b''


@test
def a_client_that_left_is_not_waited_for():
    with Sim('--behave=delay=300') as sim, Exporter() as exporter:
        address = exporter.addresses[0]
        for close in (True, False):
            with connect(address, PATIENCE) as sock:
                sock.sendall(request_bytes(address, probe_path(sim.https),
                                           close=close))
                sim.wait_counter('requests_open', 6)
            sim.wait_counter('connections_open', 0)
            # By now the answer to nobody is on its way, if not gone.
            assert exporter.ask('/-/healthy').status == 200
        began = time.monotonic()
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        assert time.monotonic() - began < LIMIT - 1


@test
def a_client_that_leaves_meanwhile_is_not_waited_for():
    with Sim(SLOW) as sim, Exporter() as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock:
            sock.sendall(request_bytes(address, probe_path(sim.https)))
            sim.wait_counter('requests_open', 6)
            exporter.process.terminate()
            wait_draining(exporter)
        sim.wait_counter('requests_open', 0)
        began = time.monotonic()
        assert exporter.wait_exit() == 0
        assert time.monotonic() - began < LIMIT - 1


@test
def a_probe_that_does_not_end_is_not_waited_for_for_ever():
    with Sim('--behave=hang') as sim, Exporter() as exporter:
        stuck = exporter.later(exporter.ask, probe_path(sim.https))
        sim.wait_counter('requests_open', 6)
        began = time.monotonic()
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        # The module's own timeout of 10 s would have ended it too.
        took = time.monotonic() - began
        assert took < LIMIT + 4 * FACTOR, took
        # What its client gets is open: an answer or the end.
        stuck.exception(PATIENCE)


@test
def a_second_signal_ends_it_at_once():
    with Sim('--behave=hang') as sim, Exporter() as exporter:
        stuck = exporter.later(exporter.ask, probe_path(sim.https))
        sim.wait_counter('requests_open', 6)
        began = time.monotonic()
        exporter.process.terminate()
        wait_draining(exporter)
        exporter.process.terminate()
        # Whatever it says then; it must not have waited for the drain.
        exporter.expected = exporter.wait_exit()
        assert time.monotonic() - began < LIMIT - 1
        stuck.exception(PATIENCE)


@test
def the_end_frees_a_probe_that_waits_for_its_connection():
    # Leaks show in the sanitizer's report, which every test looks for.
    with Sim('--behave=silent') as silent, \
            Sim('--behave=handshake-hang') as mute, Exporter() as exporter:
        probes = [exporter.later(exporter.ask, probe_path(sim.https))
                  for sim in (silent, mute)]
        mute.wait_counter('connections_open', 1)
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        for probe in probes:
            probe.exception(PATIENCE)


if __name__ == '__main__':
    main()
