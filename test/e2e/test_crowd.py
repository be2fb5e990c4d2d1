#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""More clients than are good for a server, and fewer descriptors."""

import contextlib
import json
import os
import resource
import select
import socket
import tempfile
import time

from client import connect, read_one, request_bytes
from harness import (Exporter, FACTOR, PATIENCE, Sim, Skip, TIMEOUT_HEADER,
                     main, probe_path, test, wait_until, wrapper)

# Under valgrind or qemu all of this takes long, and memory is not that of the program.
WRAPPED = bool(wrapper())
CROWD = 50 if WRAPPED else 500
# What README says that a connection may cost at the most, but for its answer.
COST = 64 * 1024
FULL = 'as many connections as --web.max-connections allows'
STARVED = 'cannot accept, trying every second'


def need_descriptors(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Skip('needs %d descriptors, may have %d' % (count, hard))
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def memory(exporter):
    return float(exporter.page('/metrics').value(
        'process_resident_memory_bytes'))


def cpu(exporter):
    """Seconds that it has computed; it need not be asked (proc(5))."""
    try:
        with open('/proc/%d/stat' % exporter.process.pid) as file:
            words = file.read().rsplit(')', 1)[1].split()
    except FileNotFoundError:
        raise Skip('needs /proc')
    return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


def is_open(sock):
    """Nothing has come, not even the end."""
    return not select.select([sock], [], [], 0)[0]


def ask_and_stay(exporter, stack, path='/-/healthy'):
    """A connection that has asked once, and is idle."""
    sock = stack.enter_context(connect(exporter.addresses[0], PATIENCE))
    stream = stack.enter_context(sock.makefile('rb'))
    sock.sendall(request_bytes(exporter.addresses[0], path, close=False))
    assert read_one(stream).status == 200
    return sock


@test
def a_thousand_slow_clients_leave_room_for_others():
    need_descriptors(4 * 1024 + 1)
    quick = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') +
             ':quarantine_size_mb=1'}
    with Sim() as sim, Exporter(environ=quick) as exporter, \
            contextlib.ExitStack() as stack:
        for again in range(3):
            exporter.probe(sim.https)
        before = memory(exporter)
        for number in range(2 * CROWD):
            sock = stack.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            sock.settimeout(PATIENCE)
            sock.connect(exporter.addresses[0])
            # As much memory as a head can cost, or as many answers as fill
            # whatever there is to fill.
            sock.sendall(b'GET / HTTP/1.1\r\n' + b'a:\r\n' * 200
                         if number % 2 else
                         b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n' * 60)
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '1', page.text
        # By its own clock.  Unloaded it is some milliseconds.
        assert float(page.value('probe_duration_seconds')) < 5 * FACTOR
        grown = memory(exporter) - before
        assert WRAPPED or grown < 2 * CROWD * COST, grown
        assert int(exporter.page('/metrics').value(
            'process_open_fds')) > CROWD, 'who is slow was sent away at once'


@test
def who_comes_when_all_are_busy_waits():
    # Of so few, none is spared for who need not wait.
    with Sim('--behave=hang') as sim, contextlib.ExitStack() as stack, \
            Exporter('--web.max-connections=3') as exporter:
        probe = request_bytes(exporter.addresses[0], probe_path(sim.https),
                              headers={TIMEOUT_HEADER: 3 * FACTOR})
        busy = [stack.enter_context(connect(exporter.addresses[0], PATIENCE))
                for number in range(3)]
        for sock in busy:
            sock.sendall(probe)
        sim.wait_counter('requests_open', 6)
        event = exporter.wait_event(msg=FULL)
        assert event['level'] == 'warn', event
        began, computed = time.monotonic(), cpu(exporter)
        more = [exporter.later(exporter.ask, '/-/healthy')
                for number in range(20)]
        for answer in more:
            assert answer.result(PATIENCE).status == 200
        # It neither tried again and again nor spoke of it.
        assert cpu(exporter) - computed < 0.3 * (time.monotonic() - began)
        assert [e['msg'] for e in exporter.events()].count(FULL) == 1
        # They came in when those who were busy were answered, not before.
        assert not any(is_open(sock) for sock in busy)


@test
def the_longest_idle_makes_room():
    with contextlib.ExitStack() as stack, \
            Exporter('--web.max-connections=4') as exporter:
        idle = [ask_and_stay(exporter, stack) for number in range(4)]
        for gone in range(3):
            ask_and_stay(exporter, stack)
            wait_until(lambda: not is_open(idle[gone]), 'an end')
            assert idle[gone].recv(1) == b''
            # One that is used is not the longest idle any more.
            if gone == 0:
                assert all(map(is_open, idle[1:]))


@test
def there_are_never_more_than_said():
    most = 4
    with contextlib.ExitStack() as stack, \
            Exporter('--web.max-connections=%d' % most) as exporter:
        before = len(os.listdir('/proc/%d/fd' % exporter.process.pid)) \
            if os.path.isdir('/proc/self/fd') else None
        if before is None:
            raise Skip('needs /proc')

        def count():
            return len(os.listdir('/proc/%d/fd' %
                                  exporter.process.pid)) - before

        kept = [ask_and_stay(exporter, stack) for number in range(most)]
        for again in range(4):
            # Who could be spared asks, just before one more comes.
            with contextlib.suppress(OSError):
                for sock in kept:
                    sock.sendall(request_bytes(exporter.addresses[0],
                                               '/-/healthy', close=False))
            more = stack.enter_context(connect(exporter.addresses[0],
                                               PATIENCE))
            assert count() <= most + 1, count()
            # Accepting goes on only when somebody could be spared again.
            more.sendall(request_bytes(exporter.addresses[0], '/-/healthy',
                                       close=False))
            with more.makefile('rb') as stream:
                assert read_one(stream).status == 200
            kept.append(more)


@test
def those_who_wait_for_probes_leave_room_for_others():
    with Sim('--behave=hang') as sim, contextlib.ExitStack() as stack, \
            Exporter('--web.max-connections=8') as exporter:
        busy = [stack.enter_context(connect(exporter.addresses[0], PATIENCE))
                for number in range(6)]
        for sock in busy:
            sock.sendall(request_bytes(exporter.addresses[0],
                                       probe_path(sim.https)))
        wait_until(lambda: exporter.page('/metrics').value(
            'coda56_exporter_probes_coalesced_total') == '5', 'all wait')
        answer = exporter.ask(probe_path(sim.https))
        assert answer.status == 503, answer.text
        assert answer.header('Retry-After'), answer.headers
        assert '--web.max-connections' in answer.text, answer.text
        assert exporter.ask('/-/healthy').status == 200
        assert all(map(is_open, busy))


@test
def those_who_waited_for_a_probe_share_its_answer():
    waiters = 100
    rows = [dict(portId=str(n), frequency='603000000', modulation='m' * 900,
                 signalStrength='1.0', snr='40.0', dsoctets='1',
                 correcteds='1', uncorrect='1', channelId=str(n))
            for n in range(400)]
    with tempfile.NamedTemporaryFile('w', suffix='.json') as body:
        json.dump(rows, body)
        body.flush()
        with Sim('--behave=dsinfo,body=' + body.name, '--behave=usinfo,'
                 'delay=%d' % (1500 * FACTOR)) as sim, \
                Exporter() as exporter, contextlib.ExitStack() as stack:
            size = len(exporter.probe(sim.http).answer.text)
            assert size > 300000, size
            before = memory(exporter)
            for number in range(waiters):
                sock = stack.enter_context(socket.socket())
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                sock.connect(exporter.addresses[0])
                sock.sendall(request_bytes(exporter.addresses[0],
                                           probe_path(sim.http)))
            exporter.probe(sim.http)
            grown = memory(exporter) - before
            assert WRAPPED or grown < waiters * size / 2, (grown, size)


@test
def those_who_never_ask_lock_nobody_out():
    with contextlib.ExitStack() as stack, \
            Exporter('--web.max-connections=60') as exporter:
        for number in range(150):
            stack.enter_context(connect(exporter.addresses[0], PATIENCE))
        assert exporter.ask('/-/healthy').status == 200


@test
def who_leaves_without_a_word_is_forgotten():
    with Exporter() as exporter:
        def count():
            return int(exporter.page('/metrics').value('process_open_fds'))

        before = count()
        with contextlib.ExitStack() as stack:
            for number in range(100):
                stack.enter_context(connect(exporter.addresses[0], PATIENCE))
            wait_until(lambda: count() >= before + 100, 'all are in')
        # Less than the ten seconds that they would have had for a request.
        wait_until(lambda: count() <= before, 'all are forgotten', 8)


def few_descriptors():
    """A command that leaves the one behind it few descriptors."""
    if WRAPPED:
        raise Skip('a wrapper takes descriptors for itself')
    return ['sh', '-c', 'ulimit -n 40 && exec "$@"', 'sh']


@test
def clients_leave_descriptors_for_modems():
    with Exporter(before=few_descriptors()) as exporter:
        start = exporter.wait_event(msg='coda56-exporter')
        assert start['max_fds'] == '40', start
        assert start['max_connections'] == '10', start
        lines = '\n'.join(exporter.lines('stderr'))
        assert '--web.max-connections' in lines, lines
    with Exporter('--web.max-connections=3',
                  before=few_descriptors()) as exporter:
        start = exporter.wait_event(msg='coda56-exporter')
        assert start['max_connections'] == '3', start


@test
def without_descriptors_it_waits():
    with Sim('--behave=hang') as one, Sim('--behave=hang') as two, \
            contextlib.ExitStack() as stack, \
            Exporter(before=few_descriptors()) as exporter:
        stuck = [exporter.later(exporter.probe, url, timeout=4 * FACTOR)
                 for url in one.urls + two.urls]
        for sim in one, two:
            sim.wait_counter('requests_open', 12)
        for number in range(5):
            stack.enter_context(connect(exporter.addresses[0], PATIENCE))
        exporter.wait_event(msg=STARVED)
        began, computed = time.monotonic(), cpu(exporter)
        assert exporter.ask('/-/healthy').status == 200
        assert time.monotonic() - began > 0.5, 'it did not starve'
        assert cpu(exporter) - computed < 0.3 * (time.monotonic() - began)
        for probe in stuck:
            assert probe.result(PATIENCE).value('probe_success') == '0'
        assert [e['msg'] for e in exporter.events()].count(STARVED) == 1
        one.behave()
        assert exporter.probe(one.https).value('probe_success') == '1'


if __name__ == '__main__':
    main()
