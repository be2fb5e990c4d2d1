#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Life under a supervisor: what it is told, and the sockets that it gives."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import client
from harness import (Cases, Exporter, FACTOR, PATIENCE, Program, SANITIZER,
                     Sim, Skip, environment, exporter_command,
                     listening_address, loopback_address, main, probe_path,
                     read_log, test)

SLOW = '--behave=delay=%d' % min(1200 * FACTOR, 4000)

# python -c BECOME FD,FD... NAME=VALUE... -- COMMAND...: runs the command in
# this very process, as systemd does, with the descriptors from 3 on; in a
# value PID is its own id.
BECOME = '''
import fcntl, os, sys
end = sys.argv.index('--')
fds = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100)
       for fd in sys.argv[1].split(',') if fd]
for wanted, fd in enumerate(fds, 3):
    os.dup2(fd, wanted)
    os.close(fd)
for pair in sys.argv[2:end]:
    name, value = pair.split('=', 1)
    os.environ[name] = value.replace('PID', str(os.getpid()))
os.execvp(sys.argv[end + 1], sys.argv[end + 1:])
'''


def become(*pairs, fds=()):
    return [sys.executable, '-c', BECOME, ','.join(map(str, fds))] + \
        list(pairs) + ['--']


class Supervisor:
    """The socket that NOTIFY_SOCKET names, by path unless it is abstract."""

    def __init__(self, abstract=False):
        self._directory = tempfile.TemporaryDirectory()
        self.name = os.path.join(self._directory.name, 'notify')
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if abstract:
            self._sock.bind('\0' + self.name)
            self.name = '@' + self.name
        else:
            self._sock.bind(self.name)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._sock.close()
        self._directory.cleanup()

    def next(self):
        """The next message, as a dict."""
        self._sock.settimeout(PATIENCE)
        return self._read()

    def rest(self):
        """The messages that are here already."""
        messages = []
        self._sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self._read())
        return messages

    def _read(self):
        text = self._sock.recv(4096).decode('ascii')
        return dict(line.split('=', 1) for line in text.split('\n'))


def check_told(abstract):
    with Supervisor(abstract) as supervisor, Sim(SLOW) as sim, \
            Exporter(environ={'NOTIFY_SOCKET': supervisor.name}) as exporter:
        message = supervisor.next()
        assert message['READY'] == '1' and message['STATUS'], message
        assert exporter.ask('/-/ready').status == 200
        slow = exporter.later(exporter.probe, sim.https)
        sim.wait_counter('requests_open', 6)
        exporter.process.terminate()
        message = supervisor.next()
        assert message['STOPPING'] == '1' and message['STATUS'], message
        assert not slow.done(), 'told when all was over'
        assert slow.result(PATIENCE).value('probe_success') == '1'
        assert exporter.wait_exit() == 0
        assert supervisor.rest() == []


@test
def the_supervisor_is_told_of_beginning_and_end():
    check_told(abstract=False)


@test
def the_supervisor_may_have_an_abstract_socket():
    if not sys.platform.startswith('linux'):
        raise Skip('only Linux has abstract sockets')
    check_told(abstract=True)


@test
def ready_is_not_said_before_it_serves():
    with Supervisor() as supervisor, \
            socket.create_server(('127.0.0.1', 0)) as taken:
        done = subprocess.run(
            exporter_command('--web.listen-address=127.0.0.1:%d' %
                             taken.getsockname()[1]),
            env=dict(environment(), NOTIFY_SOCKET=supervisor.name),
            capture_output=True, timeout=PATIENCE)
        assert done.returncode == 1, done
        assert supervisor.rest() == []


@test
def the_watchdog_hears_of_it_at_half_its_interval():
    with Supervisor() as supervisor, Exporter(
            before=become('WATCHDOG_USEC=400000', 'WATCHDOG_PID=PID'),
            environ={'NOTIFY_SOCKET': supervisor.name}):
        assert 'READY' in supervisor.next()
        assert supervisor.next() == {'WATCHDOG': '1'}
        began = time.monotonic()
        for again in range(4):
            assert supervisor.next() == {'WATCHDOG': '1'}
        took = time.monotonic() - began
        assert 0.6 < took < 1.6 * FACTOR, took


@test
def the_watchdog_hears_of_it_during_a_drain():
    # Without a process id everybody is meant.
    with Supervisor() as supervisor, Sim(SLOW) as sim, Exporter(
            environ={'NOTIFY_SOCKET': supervisor.name,
                     'WATCHDOG_USEC': '40000'}) as exporter:
        slow = exporter.later(exporter.probe, sim.https)
        sim.wait_counter('requests_open', 6)
        exporter.process.terminate()
        while 'STOPPING' not in supervisor.next():
            pass
        for again in range(5):
            assert supervisor.next() == {'WATCHDOG': '1'}
        assert not slow.done(), 'too slow to see a drain'
        # From here on nobody reads, which must not hold it up.
        assert slow.result(PATIENCE).value('probe_success') == '1'
        assert exporter.wait_exit() == 0


@test
def a_watchdog_of_somebody_else_hears_nothing():
    with Cases() as cases:
        for pair in ('WATCHDOG_PID=1', 'WATCHDOG_PID=', 'WATCHDOG_PID=PID0'):
            with cases.row(pair), Supervisor() as supervisor, Exporter(
                    before=become('WATCHDOG_USEC=1000', pair),
                    environ={'NOTIFY_SOCKET': supervisor.name}) as exporter:
                for again in range(10):
                    assert exporter.ask('/-/ready').status == 200
                exporter.process.terminate()
                assert exporter.wait_exit() == 0
                assert [list(m)[0] for m in supervisor.rest()] == \
                    ['READY', 'STOPPING']


@test
def an_environment_that_makes_no_sense_is_said_and_survived():
    with Cases() as cases:
        for name, value in (('NOTIFY_SOCKET', 'relative'),
                            ('NOTIFY_SOCKET', '/'),
                            ('NOTIFY_SOCKET', '@'),
                            ('NOTIFY_SOCKET', 'vsock:2:1234'),
                            ('NOTIFY_SOCKET', '/' + 'x' * 200),
                            ('NOTIFY_SOCKET', '/nonexistent/notify'),
                            ('WATCHDOG_USEC', '0'),
                            ('WATCHDOG_USEC', '-1'),
                            ('WATCHDOG_USEC', '10s'),
                            ('WATCHDOG_USEC', '9' * 30),
                            ('LISTEN_FDS', '-1'),
                            ('LISTEN_FDS', 'three')):
            with cases.row('%s=%s' % (name, value)), Exporter(
                    before=become('LISTEN_PID=PID'),
                    environ={name: value}) as exporter:
                event = exporter.wait_event(level='warn')
                assert name in event['msg'] or 'systemd' in event['msg'], \
                    event
                assert exporter.ask('/-/ready').status == 200


def tcp_server(host):
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    return socket.create_server((host, 0), family=family)


def activated(*socks, args=()):
    """The exporter with sockets that are listened on."""
    return Exporter(
        '--web.systemd-socket', *args,
        before=become('LISTEN_FDS=%d' % len(socks), 'LISTEN_PID=PID',
                      'LISTEN_FDNAMES=' + ':'.join('web' for s in socks),
                      fds=[s.fileno() for s in socks]),
        pass_fds=[s.fileno() for s in socks], listeners=len(socks))


@test
def sockets_that_are_handed_over_are_served():
    with tcp_server('127.0.0.1') as first, tcp_server('::1') as second, \
            tcp_server('127.0.0.1') as taken:
        addresses = [s.getsockname()[:2] for s in (first, second)]
        # This address would be refused, if it were asked for.
        with activated(first, second,
                       args=('--web.listen-address=127.0.0.1:%d' %
                             taken.getsockname()[1],)) as exporter:
            assert exporter.addresses == addresses, exporter.addresses
            for address in addresses:
                exporter.addresses = [address]
                assert exporter.ask('/-/ready').status == 200, address


@test
def a_socket_for_all_addresses_is_served():
    if not socket.has_dualstack_ipv6():
        raise Skip('no dual-stack sockets')
    with socket.create_server(('::', 0), family=socket.AF_INET6,
                              dualstack_ipv6=True) as sock, \
            activated(sock) as exporter:
        port = sock.getsockname()[1]
        for host in ('127.0.0.1', '::1'):
            exporter.addresses = [(host, port)]
            assert exporter.ask('/-/ready').status == 200, host


@test
def a_connection_from_before_the_start_is_answered():
    with tcp_server('127.0.0.1') as sock:
        address = sock.getsockname()
        with client.connect(address, PATIENCE) as early:
            early.sendall(client.request_bytes(address, '/-/ready'))
            with activated(sock):
                answer = client.Answer(client.read_all(early, PATIENCE),
                                       'GET')
                assert answer.status == 200, answer.status


@test
def a_socket_is_not_left_to_children_and_does_not_block():
    if not os.path.exists('/proc/self/fdinfo'):
        raise Skip('needs /proc')
    with tcp_server('127.0.0.1') as sock, activated(sock) as exporter:
        with open('/proc/%d/fdinfo/3' % exporter.process.pid) as file:
            flags = dict(line.split(':', 1) for line in file)['flags']
        assert int(flags, 8) & os.O_NONBLOCK, flags
        assert int(flags, 8) & os.O_CLOEXEC, flags


@contextlib.contextmanager
def unix_socket():
    with tempfile.TemporaryDirectory() as directory, \
            socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.join(directory, 'web'))
        sock.listen()
        yield sock


@contextlib.contextmanager
def bound_socket(kind):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(('127.0.0.1', 0))
        yield sock


def refusal(before, fds=()):
    done = subprocess.run(
        before + exporter_command('--web.systemd-socket'), env=environment(),
        pass_fds=fds, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=PATIENCE)
    assert not SANITIZER.search(done.stderr), done.stderr
    assert done.returncode == 1, done
    errors = [e for e in map(read_log, done.stderr.splitlines())
              if e.get('level') == 'error']
    assert len(errors) == 1, done.stderr
    return errors[0]['msg']


@test
def other_sockets_are_refused_with_a_reason():
    with Cases() as cases:
        for make, reason in (
                (unix_socket, 'a Unix socket'),
                (lambda: bound_socket(socket.SOCK_DGRAM), 'no stream'),
                (lambda: bound_socket(socket.SOCK_STREAM), 'not listening'),
                (lambda: open('/dev/null'), 'no socket')):
            with cases.row(reason), make() as sock:
                said = refusal(become('LISTEN_FDS=1', 'LISTEN_PID=PID',
                                      fds=[sock.fileno()]),
                               fds=[sock.fileno()])
                assert 'descriptor 3' in said and reason in said and \
                    'ListenStream' in said, said
        with cases.row('more than there are'), \
                tcp_server('127.0.0.1') as sock:
            said = refusal(become('LISTEN_FDS=2', 'LISTEN_PID=PID',
                                  fds=[sock.fileno()]),
                           fds=[sock.fileno()])
            assert 'descriptor 4' in said and 'no socket' in said, said


@test
def no_socket_is_an_error():
    with Cases() as cases:
        for pairs in ((), ('LISTEN_FDS=1',), ('LISTEN_PID=PID',),
                      ('LISTEN_FDS=0', 'LISTEN_PID=PID'),
                      ('LISTEN_FDS=1', 'LISTEN_PID=1')):
            with cases.row(repr(pairs)):
                said = refusal(become(*pairs))
                assert '--web.systemd-socket' in said and \
                    'no socket' in said, said


class SocketActivate(Program):
    """systemd-socket-activate, which becomes the exporter."""

    def __init__(self):
        if not shutil.which('systemd-socket-activate'):
            raise Skip('systemd-socket-activate is missing (package systemd)')
        self.address = loopback_address(), 8000
        super().__init__(
            ['systemd-socket-activate', '--listen=%s:%d' % self.address,
             '--setenv=ASAN_OPTIONS', '--setenv=UBSAN_OPTIONS',
             '--setenv=LD_LIBRARY_PATH', '--'] +
            exporter_command('--web.systemd-socket',
                             '--dns.resolv-conf=/nonexistent'),
            environ={name: os.environ.get(name, '')
                     for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS',
                                  'LD_LIBRARY_PATH')})

    def __enter__(self):
        self.start()
        try:
            self.wait_line('stderr', lambda line: 'Listening on' in line,
                           'Listening on')
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, kind, error, trace):
        self.finish(self.process.terminate, kind is not None)

    def ask(self, path):
        return client.ask(self.address, path, PATIENCE)


@test
def the_first_connection_starts_it():
    with SocketActivate() as activate:
        assert not any('coda56-exporter' in read_log(line).get('msg', '')
                       for line in activate.lines('stderr'))
        assert activate.ask('/-/healthy').text == 'ok\n'
        assert activate.wait_line('stderr', listening_address,
                                  'msg=listening') == [activate.address]
        assert activate.ask('/-/ready').status == 200


@test
def started_by_a_connection_it_finishes_its_probe():
    with Sim(SLOW) as sim, SocketActivate() as activate, \
            client.connect(activate.address, PATIENCE) as sock:
        sock.sendall(client.request_bytes(activate.address,
                                          probe_path(sim.https)))
        sim.wait_counter('requests_open', 6)
        activate.process.send_signal(signal.SIGTERM)
        activate.wait_line('stderr',
                           lambda line: 'shutting down' in line, 'the signal')
        answer = client.Answer(client.read_all(sock, PATIENCE), 'GET')
        assert answer.status == 200, answer.status
        assert '\nprobe_success 1\n' in answer.text, answer.text
        assert activate.wait_exit() == 0


if __name__ == '__main__':
    main()
