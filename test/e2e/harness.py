# SPDX-License-Identifier: MIT
"""Starts and stops the exporter and the simulated modem, and runs tests.

A test file is run as `test_SUBJECT.py EXPORTER SIM [NAME...]` and prints TAP.
Environment:

    TEST_WRAPPER         put before the exporter's command, e.g. valgrind
    TEST_TIMEOUT_FACTOR  multiplies every limit of time
    MESON_EXE_WRAPPER    put before every program, by Meson: what runs programs
                         of another processor
"""

import contextlib
import functools
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
try:
    import resource
except ImportError:
    resource = None

import client
import exposition

FACTOR = float(os.environ.get('TEST_TIMEOUT_FACTOR', '1'))
# For what is to happen at once: reached only if it never happens.
PATIENCE = 20 * FACTOR
TIMEOUT_HEADER = 'X-Prometheus-Scrape-Timeout-Seconds'

SANITIZER = re.compile(r'(Address|Leak|Thread|UndefinedBehavior)Sanitizer|'
                       r'runtime error:|ERROR SUMMARY: [1-9]')
# What a wrapper says on stderr, or a sanitizer in its report.
NOT_A_LOG_LINE = re.compile(r'(==|--)\d+(==|--)|\s*$')
LOGFMT = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "=]*)(?: |$)')
LOG_ESCAPE = re.compile(r'\\(x[0-9a-f]{2}|.)')

ISOLATED = 'E2E_ISOLATED'

_tests = []
_notes = []
_programs = {}


class Skip(Exception):
    """Raised by a test that cannot run here, with the reason."""


def test(function):
    _tests.append(function)
    return function


def use(exporter, sim):
    """These are the programs that are started."""
    _programs.update(exporter=os.path.abspath(exporter),
                     sim=os.path.abspath(sim))


def main():
    use(sys.argv[1], sys.argv[2])
    wanted = sys.argv[3:]
    tests = [t for t in _tests if not wanted or t.__name__ in wanted]
    # Whoever runs us ends us with SIGTERM: let the finally clauses run.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    print('1..%d' % len(tests), flush=True)
    failures = [number for number, function in enumerate(tests, 1)
                if not run(number, function)]
    sys.exit(1 if failures or not tests else 0)


def run(number, function):
    title = '%d - %s' % (number, function.__name__.replace('_', ' '))
    del _notes[:]
    try:
        function()
    except Skip as why:
        print('ok %s # SKIP %s' % (title, why), flush=True)
        return True
    except Exception:
        print('not ok ' + title)
        for line in traceback.format_exc().splitlines() + _notes:
            # Meson shows what went wrong from here alone.
            print('# ' + line, file=sys.stderr)
        sys.stdout.flush()
        return False
    print('ok ' + title, flush=True)
    return True


class Cases:
    """The rows of a table within one test; one that fails hides no other."""

    def __init__(self):
        self._failures = []

    def __enter__(self):
        return self

    @contextlib.contextmanager
    def row(self, name):
        try:
            yield
        except Skip:
            raise
        except Exception:
            self._failures.append('%s:\n%s' % (name, traceback.format_exc()))

    def __exit__(self, kind, error, trace):
        if kind in (None, Skip) and self._failures:
            raise AssertionError('%d rows failed\n%s' % (
                len(self._failures), '\n'.join(self._failures)))


def isolated(function):
    """Runs a test in a network of its own, of which only loopback exists:
    there a packet for anywhere else has nowhere to go."""
    @functools.wraps(function)
    def outside():
        if ISOLATED in os.environ:
            return function()
        if not shutil.which('unshare') or not shutil.which('ip'):
            raise Skip('needs unshare and ip')
        attempt = subprocess.run(
            ['unshare', '-rn', 'ip', 'link', 'set', 'lo', 'up'],
            capture_output=True, text=True, timeout=PATIENCE)
        if attempt.returncode != 0:
            raise Skip('no network namespace: ' + attempt.stderr.strip())
        inside = subprocess.run(
            ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"',
             'sh', sys.executable, '-B', sys.argv[0], _programs['exporter'],
             _programs['sim'], function.__name__],
            env=dict(os.environ, **{ISOLATED: '1'}), capture_output=True,
            text=True, timeout=6 * PATIENCE)
        skip = re.search('# SKIP (.*)', inside.stdout)
        if skip:
            raise Skip(skip.group(1))
        assert inside.returncode == 0, inside.stdout + inside.stderr
    return outside


def low_ports(function):
    """For tests of ports that only root may listen on: DNS, HTTP, HTTPS."""
    elsewhere = isolated(function)

    @functools.wraps(function)
    def choose():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind((loopback_address(), 53))
                allowed = True
            except PermissionError:
                allowed = False
        # In a network of one's own everybody is root.
        return function() if allowed else elsewhere()
    return choose


def loopback_address():
    """One of the sixteen million: tests that run side by side need not know
    of each other."""
    return '127.%d.%d.%d' % (random.randint(64, 127), random.randint(0, 255),
                             random.randint(1, 254))


def wait_until(look, what, patience=None):
    """Waits for something that can only be asked for, not be waited for."""
    end = time.monotonic() + (patience or PATIENCE)
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, 'waited in vain: ' + what
        # Gives the processor to those who are to make it happen.
        threading.Event().wait(0.005)


def wrapper(names=('TEST_WRAPPER', 'MESON_EXE_WRAPPER')):
    """What is put before a program; nothing if it just runs."""
    return [word for name in names
            for word in shlex.split(os.environ.get(name, ''))]


def environment():
    """Without what could make a client trust or ask somebody else."""
    return {name: value for name, value in os.environ.items()
            if not name.upper().endswith(('_CA_BUNDLE', '_PROXY'))}


class Program:
    """A subprocess whose lines are read as they come."""

    def __init__(self, command, environ=None, pass_fds=()):
        self.command = command
        self.expected = 0
        self._environ = environ or {}
        self._pass_fds = pass_fds
        self._changed = threading.Condition()
        self._lines = {'stdout': [], 'stderr': []}

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, pass_fds=self._pass_fds,
            env=dict(environment(), **self._environ))
        self._readers = [
            threading.Thread(target=self._read, args=(name,), daemon=True)
            for name in self._lines]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        for line in getattr(self.process, name):
            with self._changed:
                self._lines[name].append(
                    line.decode('utf-8', 'backslashreplace').rstrip('\n'))
                self._changed.notify_all()

    def lines(self, name):
        with self._changed:
            return list(self._lines[name])

    def wait_line(self, name, wanted, what, count=1):
        """The first `count` lines for which `wanted` gives something true,
        as what it gives."""
        def found():
            return [f for f in map(wanted, self._lines[name]) if f]

        end = time.monotonic() + PATIENCE
        with self._changed:
            while len(found()) < count:
                left = end - time.monotonic()
                assert left > 0 and self.process.poll() is None, \
                    'no line with %s, status %s:\n%s' % (
                        what, self.process.poll(), self.report())
                # Bounded, because a process that dies says nothing.
                self._changed.wait(min(left, 0.1))
            return found()[:count]

    def report(self):
        return '\n'.join('%s: %s' % (name, line)
                         for name in self._lines
                         for line in self._lines[name][-40:])

    def wait_exit(self, patience=None):
        """The exit status; all output has been read by then."""
        try:
            status = self.process.wait(patience or PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError('%s does not exit:\n%s' % (
                type(self).__name__, self.report()))
        for reader in self._readers:
            reader.join(PATIENCE)
        return status

    def finish(self, ask, failed):
        """Ends it and looks back; `failed`: a test that fails anyway."""
        try:
            early = self.process.poll()
            if early is None:
                ask()
            status = self.wait_exit()
            assert status == self.expected, '%s exited with %s%s:\n%s' % (
                type(self).__name__, status,
                '' if early is None else ' before it was asked to',
                self.report())
            found = SANITIZER.search('\n'.join(self.lines('stderr')))
            assert not found, 'a sanitizer reports:\n' + self.report()
            self.look_back()
        except AssertionError as problem:
            if not failed:
                raise
            _notes.extend(str(problem).splitlines())
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        if failed:
            _notes.extend(self.report().splitlines())

    def look_back(self):
        pass


class Sim(Program):
    """The simulated modem, healthy and still unless told otherwise."""

    def __init__(self, *args, listen=('https://127.0.0.1:0',
                                      'http://127.0.0.1:0'), still=True):
        super().__init__(
            wrapper(['MESON_EXE_WRAPPER']) +
            [_programs['sim'], '--control=127.0.0.1:0', '--until-eof'] +
            (['--still'] if still else []) +
            ['--listen=' + url for url in listen] + list(args))

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        self.start()
        try:
            self.wait_line('stdout', lambda line: line == 'ready', 'ready')
            words = [line.split() for line in self.lines('stdout')]
            self.urls = ['%s://%s' % (scheme, address)
                         for what, scheme, address in
                         (w for w in words if w[0] == 'listening')]
            host, port = [w[1] for w in words
                          if w[0] == 'control'][0].rsplit(':', 1)
            self._control = host, int(port)
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, kind, error, trace):
        try:
            self.finish(self.process.stdin.close, kind is not None)
        finally:
            self._directory.cleanup()

    def url(self, scheme):
        return [u for u in self.urls if u.startswith(scheme + '://')][0]

    @property
    def https(self):
        return self.url('https')

    @property
    def http(self):
        return self.url('http')

    def _call(self, method, path, body=''):
        with client.connect(self._control, PATIENCE) as sock:
            sock.sendall(('%s %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s' % (
                method, path, len(body), body)).encode())
            answer = client.Answer(client.read_all(sock, PATIENCE), method)
        assert answer.status == 200, '%s %s: %s' % (path, body, answer.text)
        return answer.text

    def behave(self, *rules):
        """These rules hold from now on, instead of all others."""
        self._call('POST', '/behave', '\n'.join(rules))

    def serve(self, page, body):
        """From now on a page is these bytes, and all others are well."""
        with open(os.path.join(self._directory.name, page), 'wb') as file:
            file.write(body)
        self.behave('%s,body=%s' % (page, file.name))

    def reset(self):
        self._call('POST', '/reset')

    def report_counters(self):
        return json.loads(self._call('GET', '/report'))

    def behaviours(self):
        return json.loads(self._call('GET', '/behaviours'))

    def wait_counter(self, name, value, at_least=False):
        def reached():
            now = self.report_counters()[name]
            return now == value or (at_least and now > value)
        wait_until(reached, '%s is to be %s' % (name, value))


class Exporter(Program):
    """The exporter, on a free port unless its arguments say where.

    `before`: a command that becomes the exporter, e.g. env; `environ` and
    `pass_fds`: what it is given more than others; `listeners`: on how many
    addresses it listens, if that is not what its arguments say; `tls`: an
    ssl.SSLContext to ask it with.
    """

    def __init__(self, *args, before=(), environ=None, pass_fds=(),
                 listeners=None, tls=None):
        self.tls = tls
        if not any(arg.startswith('--web.listen-address') for arg in args):
            args += ('--web.listen-address=127.0.0.1:0',)
        # Whatever goes wrong, no question leaves the machine: without this
        # file the DNS server is one on loopback, and there is none.
        if not any(arg.startswith('--dns.resolv-conf') for arg in args):
            args += ('--dns.resolv-conf=/nonexistent',)
        # A wrapper has system calls of its own, and may not know seccomp's.
        if wrapper():
            args += ('--disable-sandbox',)
        self._listeners = listeners or sum(
            arg.startswith('--web.listen-address') for arg in args)
        super().__init__(list(before) + exporter_command(*args), environ,
                         pass_fds)
        self._pool = ThreadPoolExecutor(max_workers=64)

    def __enter__(self):
        self.start()
        try:
            found = self.wait_line('stderr', listening_address,
                                   'msg=listening', self._listeners)
        except BaseException:
            self.process.kill()
            raise
        self.addresses = found
        return self

    def __exit__(self, kind, error, trace):
        try:
            self.finish(self.process.terminate, kind is not None)
        finally:
            self._pool.shutdown()

    def look_back(self):
        for line in self.lines('stderr'):
            assert NOT_A_LOG_LINE.match(line) or 'level' in read_log(line), \
                'not a log line: %r' % line

    def ask(self, path, method='GET', headers=None, patience=None):
        answer = client.ask(self.addresses[0], path, patience or PATIENCE,
                            method, headers, self.tls)
        answer.check_manners(method, html=re.match(
            r'[^?]*/modem(\?|$)', path) is not None)
        return answer

    def page(self, path, headers=None):
        """An answer that must be metrics."""
        answer = self.ask(path, headers=headers)
        assert answer.status == 200, (answer.status, answer.text)
        assert answer.header('Content-Type') == exposition.CONTENT_TYPE, \
            answer.headers
        page = exposition.Page(answer.text)
        page.answer = answer
        return page

    def probe(self, target, timeout=None, **parameters):
        """The metrics of a target, within `timeout` seconds if given."""
        began = time.monotonic()
        page = self.page(probe_path(target, **parameters),
                         {} if timeout is None else {TIMEOUT_HEADER: timeout})
        took = time.monotonic() - began
        assert timeout is None or took < timeout, \
            'answered after %.3f s, too late for %s s' % (took, timeout)
        return page

    def later(self, function, *args, **more):
        """Does it meanwhile; .result(PATIENCE) gives what it gives."""
        return self._pool.submit(function, *args, **more)

    def events(self):
        """The log lines since it serves, as dicts."""
        lines = [line for line in self.lines('stderr')
                 if not NOT_A_LOG_LINE.match(line)]
        events = [read_log(line) for line in lines]
        last = max(i for i, e in enumerate(events)
                   if e.get('msg') in ('listening', 'sandbox'))
        return events[last + 1:]

    def wait_event(self, **wanted):
        """The first log line that has all of these."""
        def look(line):
            event = read_log(line)
            return wanted.items() <= event.items() and event
        return self.wait_line('stderr', look, repr(wanted))[0]


@contextlib.contextmanager
def no_descriptors(exporter):
    """It cannot open anything meanwhile."""
    if not hasattr(resource, 'prlimit') or not os.path.isdir('/proc/self/fd'):
        raise Skip('needs prlimit and /proc')
    pid = exporter.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = {int(name) for name in os.listdir('/proc/%d/fd' % pid)}
    free = min(set(range(len(used) + 1)) - used)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def probe_path(target, **parameters):
    return '/probe?' + urllib.parse.urlencode(dict(parameters, target=target))


def read_log(line):
    """A line of the log, in either format, as a dict; an empty one if it is
    none."""
    event, at = {}, 0
    if line.startswith('{'):
        try:
            return json.loads(line)
        except ValueError:
            return {}
    while at < len(line):
        match = LOGFMT.match(line, at)
        if not match:
            return {}
        value = match.group(2)
        if value.startswith('"'):
            value = LOG_ESCAPE.sub(unescape_log, value[1:-1])
        event[match.group(1)] = value
        at = match.end()
    return event


def unescape_log(match):
    code = match.group(1)
    return chr(int(code[1:], 16)) if code[0] == 'x' else \
        {'n': '\n', 't': '\t', 'r': '\r'}.get(code, code)


def listening_address(line):
    event = read_log(line)
    if event.get('msg') != 'listening':
        return None
    host, port = event['address'].rsplit(':', 1)
    return host.strip('[]'), int(port)


def host_and_port(url):
    """What a URL of a target has after its scheme."""
    return url.split('://')[1]


def exporter_command(*args):
    return wrapper() + [_programs['exporter']] + list(args)


def call(*args, patience=None, stdout=subprocess.PIPE):
    """Runs the exporter to its end: status, stdout, stderr."""
    done = subprocess.run(
        exporter_command(*args), env=environment(),
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
        text=True, timeout=patience or PATIENCE)
    assert not SANITIZER.search(done.stderr), done.stderr
    return done.returncode, done.stdout, done.stderr


def version():
    """What the program calls its version."""
    status, out, err = call('--version')
    assert status == 0, (status, out, err)
    found = re.match(r'coda56-exporter,? (?:version )?([0-9][^\s,()]*)', out)
    assert found, 'no version: %r' % out
    return found.group(1)


def promtool_check(text):
    """Neither an error nor a complaint of the linter."""
    if not shutil.which('promtool'):
        raise Skip('promtool is missing (package prometheus)')
    done = subprocess.run(['promtool', 'check', 'metrics'], input=text,
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0 and not (done.stdout + done.stderr).strip(), \
        'promtool: status %d\n%s%s' % (done.returncode, done.stdout,
                                       done.stderr)
