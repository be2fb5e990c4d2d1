#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every misbehaviour of the simulated modem, on every page and on all at
once, over HTTPS and HTTP, on a fresh connection and on one that was kept: the
reason, what remains of the other pages, and that nothing stays behind.

`test_faults.py EXPORTER SIM --table` prints what was seen as Markdown.
"""

import collections
import itertools
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import configuration
import contract
import exposition
import harness
from harness import Cases, Exporter, FACTOR, PATIENCE, Sim, main, test

ALL = 'all'                     # pages at once
SMALL = ('getCmDocsisWan', 'getSysInfo', 'usofdminfo')
FAMILIES = {**contract.MODEM, **contract.MORE}
# Such pages hold one object, not a row for each channel.
RECORDS = ('getCmDocsisWan', 'getSysInfo', 'getCMInit', 'system_model')
HANG = 4 * FACTOR               # for answers that never come
KEEPALIVE = 10 * FACTOR         # of connections between two probes
PATIENT = 3 * PATIENCE          # for the others, many at once
# Modems that are asked at the same time: those that hang, and others.
WIDE, NARROW = 96, 32
GROWTH = 64 << 10               # of memory, for what was learned of a modem

# With these the sanitizer's own memory does not hide the exporter's.
ASAN = ':quarantine_size_mb=1:thread_local_quarantine_size_kb=16'

# rule: of the simulator; reason: '' if the page is well; kept: if it is asked
# for on a connection that had carried others; records: on pages that are no
# table; http: without TLS; whole: holds for no single page; own: needs a
# listener of its own; hangs: until the deadline; perhaps: or the page is well,
# as it had a connection of its own; dear: takes so much time of processors
# that one page has to do; data: it is there.
Fault = collections.namedtuple(
    'Fault', 'rule reason kept records http whole own hangs perhaps dear data')


def fault(rule, reason='', kept=None, records=None, http=None, whole=False,
          own=False, hangs=False, perhaps=False, dear=False, data=True):
    return Fault(rule, reason, kept, records, http, whole or own, own,
                 hangs, perhaps, dear, data)


FAULTS = (
    # Who has a connection need not mind that there is no other.
    fault('silent', 'connect_timeout', kept='', own=True, hangs=True),
    fault('refuse', 'connect_refused', kept='', own=True),
    fault('one-connection', own=True),
    fault('one-connection-reset', own=True),
    fault('handshake-cost=10', whole=True),
    fault('no-resume', whole=True),
    fault('no-close-notify', whole=True),
    fault('choke-resumed', whole=True),
    fault('handshake-hang', 'timeout', kept='', http='', whole=True,
          hangs=True),
    fault('handshake-garbage', 'tls_handshake_failed', kept='', http='',
          whole=True),
    fault('handshake-close', 'tls_handshake_failed', kept='', http='',
          whole=True),
    fault('handshake-reset', 'tls_handshake_failed', kept='', http='',
          whole=True),
    fault('ticket-flood', 'http_protocol', http='', whole=True,
          perhaps=True),
    fault('key-update-flood', 'http_protocol', http='', whole=True,
          perhaps=True),
    # TLS 1.3 knows no such request: nothing comes.
    fault('hello-request', 'timeout', http='', whole=True, hangs=True,
          perhaps=True),
    fault('delay=20'),
    fault('drip=%d' % (60 * FACTOR), 'timeout', hangs=True),
    fault('hang', 'timeout', hangs=True),
    fault('hang-second', kept='timeout', hangs=True, perhaps=True),
    fault('close', 'connection_reset'),
    fault('reset', 'connection_reset'),
    fault('reset-second'),
    fault('not-http', 'http_protocol'),
    fault('endless-status', 'too_large'),
    fault('endless-continue', 'http_status'),
    fault('endless-trailers', 'http_protocol'),
    fault('endless-chunk', 'too_large'),
    fault('endless-tiny-chunks', 'too_large', dear=True),
    fault('endless-chunk-notes', 'too_large', dear=True),
    fault('status=503', 'http_status'),
    fault('redirect', 'redirect'),
    fault('login', 'not_json'),
    fault('empty', 'not_json'),
    fault('empty-array', records='wrong_shape', data=False),
    fault('not-json', 'not_json'),
    fault('deep', 'not_json'),
    fault('huge-body', 'too_large'),
    fault('endless', 'too_large'),
    fault('body=%(file)s', 'not_json'),
    fault('bom'),
    fault('invalid-utf8'),
    fault('trailing', 'not_json'),
    fault('gzip', 'not_json'),
    fault('length'),
    fault('length-1.0'),
    fault('length-1.0-silent'),
    fault('extra'),
    fault('chunked'),
    fault('bad-chunk', 'http_protocol'),
    fault('huge-chunk-line', 'too_large'),
    fault('two-lengths'),
    fault('lie-keepalive'),
    fault('keepalive-no-length'),
    fault('continue', 'http_status'),
    fault('obs-fold'),
    fault('huge-header', 'too_large'),
    fault('many-headers', 'too_large'),
    fault('cut', 'truncated'),
    fault('cut-unlengthed', 'truncated'),
    fault('cut-head', 'truncated'),
    fault('hang-head', 'timeout', hangs=True),
    fault('hang-body', 'timeout', hangs=True),
    fault('reset-body', 'truncated'),
)

# What must be as it was: the name here, the metric and its labels.
GAUGES = {
    'descriptors': ('process_open_fds', {}),
    'memory': ('process_resident_memory_bytes', {}),
    'flights': ('coda56_exporter_probes_in_flight', {}),
    'connecting': ('coda56_exporter_modem_connections',
                   {'state': 'connecting'}),
    'busy': ('coda56_exporter_modem_connections', {'state': 'busy'}),
    'idle': ('coda56_exporter_modem_connections', {'state': 'idle'}),
}

addresses = itertools.count(1)


def loopback():
    n = next(addresses)
    return '127.%d.%d.%d' % (66 + n // 62500, n // 250 % 250, n % 250 + 1)


def name_of(rule):
    return rule.partition('=')[0]


class Case:
    """One modem, and what becomes of it."""

    def __init__(self, fault, page, scheme, kept):
        self.fault, self.page = fault, page
        self.scheme, self.kept = scheme, kept
        self.address = loopback()
        self.url = None                 # once it listens
        self.seen = None                # reasons of pages
        self.failed = []                # the reason of the probe

    def __str__(self):
        return '%s of %s over %s%s' % (
            self.fault.rule, self.page, self.scheme,
            ', kept' if self.kept else '')

    def listeners(self):
        return ['%s://%s:0' % (self.scheme, self.address)] \
            if self.fault.own else []

    def pages(self):
        return pages_of(self.page)

    def reason(self, page):
        """That is expected for a page."""
        fault = self.fault
        if page != self.page and self.page != ALL:
            return ''
        if self.kept and fault.kept is not None:
            return fault.kept
        if self.scheme == 'http' and fault.http is not None:
            return fault.http
        if page in RECORDS and fault.records is not None:
            return fault.records
        return fault.reason

    def rules(self, faulty, words):
        """With which the modem is faulty, or well."""
        if self.kept:
            yield self.address + ',length'
        if faulty:
            yield ','.join([self.address] +
                           [self.page] * (self.page != ALL) +
                           [self.fault.rule % words])

    def probe(self, exporter, hangs=False):
        answer = exporter.ask(
            harness.probe_path(self.url, module=self.page.lower()),
            headers={harness.TIMEOUT_HEADER: HANG if hangs else PATIENT},
            patience=PATIENT)
        assert answer.status == 200, answer.text
        return exposition.Page(answer.text)

    def check_well(self, exporter):
        self.check(self.probe(exporter), dict.fromkeys(self.pages(), ''))

    def check_faulty(self, exporter):
        page = self.probe(exporter, self.fault.hangs)
        self.seen = {s.labels['endpoint']: s.labels['reason'] for s in
                     page.samples('probe_endpoint_failure_info')}
        self.failed = [s.labels['reason'] for s in
                       page.samples('probe_failure_info')]
        self.check(page, {
            p: '' if self.fault.perhaps and p not in self.seen else
            self.reason(p) for p in self.pages()})

    def check(self, page, reasons):
        failed = {p: reason for p, reason in reasons.items() if reason}
        assert {s.labels['endpoint']: s.labels['reason'] for s in
                page.samples('probe_endpoint_failure_info')} == failed, \
            page.samples('probe_endpoint_failure_info')
        assert {s.labels['endpoint']: s.value for s in
                page.samples('probe_endpoint_success')} == \
            {p: '0' if p in failed else '1' for p in reasons}
        required = [failed[p] for p in failed if p in contract.REQUIRED]
        assert page.value('probe_success') == ('0' if required else '1')
        assert [s.labels['reason'] for s in
                page.samples('probe_failure_info')] == required[:1]
        for name, reason in reasons.items():
            if self.page in (name, ALL) and not self.fault.data:
                continue
            for family in FAMILIES[name]:
                # Two pages have part in it.
                if family.name == 'modem_info' and self.page == ALL:
                    continue
                count = len(page.samples(family.name))
                assert count == (0 if reason else family.count), \
                    '%s has %d samples' % (family.name, count)


def pages_of(page):
    """A page, and two others that are to be there whatever it does."""
    if page == ALL:
        return contract.ALL_PAGES
    others = [p for p in SMALL if p != page][:2]
    return [p for p in contract.ALL_PAGES if p == page or p in others]


def all_cases():
    return [Case(fault, page, scheme, kept) for fault in FAULTS
            for page in ((ALL,) if fault.whole else ('dsinfo',) if fault.dear
                         else contract.ALL_PAGES + (ALL,))
            for scheme in ('https', 'http') for kept in (False, True)]


def modules():
    text = 'modules:\n'
    for page in contract.ALL_PAGES + (ALL,):
        text += '  %s:\n    timeout: %gs\n    keepalive: %gs\n' \
            '    endpoints: [%s]\n' % (page.lower(), PATIENT, KEEPALIVE,
                                       ', '.join(pages_of(page)))
    return configuration.written(text)


class Matrix:
    def __init__(self):
        self.cases = all_cases()
        self.probes = 0

    def run(self):
        if not sys.platform.startswith('linux'):
            raise harness.Skip('each modem is a loopback address, /proc says '
                               'what is open')
        listen = ['https://0.0.0.0:0', 'http://0.0.0.0:0']
        for case in self.cases:
            listen += case.listeners()
        asan = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ASAN}
        with configuration.written('"what?"') as body, modules() as config, \
                Sim(listen=listen) as sim, \
                Exporter(config.option, environ=asan) as exporter, \
                ThreadPoolExecutor(WIDE) as pool, Cases() as failures:
            self.words = {'file': body.path}
            self.sim, self.exporter = sim, exporter
            self.pool, self.failures = pool, failures
            self.find_modems()
            before = self.measure()
            for hangs, size in ((True, WIDE), (False, NARROW)):
                cases = [c for c in self.cases if c.fault.hangs == hangs]
                first = self.measure()
                for i in range(0, len(cases), size):
                    self.run_batch(cases[i:i + size])
            self.check_nothing_remains(before, first)

    def find_modems(self):
        ports = {}
        for url in self.sim.urls:
            scheme, rest = url.split('://')
            host, port = rest.rsplit(':', 1)
            ports[scheme, host] = port
        for case in self.cases:
            port = ports.get((case.scheme, case.address)) or \
                ports[case.scheme, '0.0.0.0']
            case.url = '%s://%s:%s' % (case.scheme, case.address, port)

    def run_batch(self, cases):
        known = [c for c in cases if c.kept or c.fault.whole]
        again = [c for c in cases if c.page == ALL]
        for what, faulty, some in (
                ('before', False, known), ('', True, cases),
                ('after', False, again)):
            self.sim.behave(*(rule for case in some for rule in
                              case.rules(faulty, self.words)))
            look = Case.check_faulty if faulty else Case.check_well
            results = [(case, self.pool.submit(look, case, self.exporter))
                       for case in some]
            self.probes += len(some)
            for case, result in results:
                with self.failures.row('%s %s' % (case, what)):
                    result.result(2 * PATIENT)

    def measure(self):
        """What the exporter says of itself, and what the system says."""
        page = self.exporter.page('/metrics')
        now = {name: int(page.value(metric, **labels))
               for name, (metric, labels) in GAUGES.items()}
        now['fds'] = len(os.listdir('/proc/%d/fd' % self.exporter.process.pid))
        return now

    def check_nothing_remains(self, before, first):
        """Sanitizers look for what is lost when the exporter ends."""
        def settled():
            now = self.measure()
            return all(now[name] <= before[name] for name in before
                       if name != 'memory')

        harness.wait_until(settled, 'as it was at first: %r' % before)
        self.sim.wait_counter('connections_open', 0)
        memory = self.measure()['memory']
        with self.failures.row('memory'):
            assert memory < first['memory'] + GROWTH * len(self.cases), \
                (before, first, memory)
        with self.failures.row('log'):
            self.check_log()
        # The last modem has been well since it was well again.
        self.cases[-1].check_well(self.exporter)

    def check_log(self):
        """One line for each probe that failed, of what would help."""
        lines = [event for event in self.exporter.events()
                 if event['msg'] == 'probe failed']
        for line in lines:
            assert line['error'] and line['hint'], line
        failed = [(case.url, reason) for case in self.cases
                  for reason in case.failed]
        assert sorted((line['target'], line['reason']) for line in lines) == \
            sorted(failed)


def table(cases):
    """What was seen, a line for each misbehaviour."""
    columns = list(itertools.product(('https', 'http'), (False, True)))
    lines = ['| misbehaviour | HTTPS | HTTPS, kept | HTTP | HTTP, kept |',
             '| --- |' + ' --- |' * len(columns)]
    for fault in FAULTS:
        cells = [', '.join(sorted(
            {reason for case in cases if case.fault is fault and
             (case.scheme, case.kept) == column
             for reason in (case.seen or {}).values()})) or 'well'
            for column in columns]
        lines.append('| %s |' % ' | '.join(
            ['`%s`' % name_of(fault.rule)] + cells))
    return '\n'.join(lines)


@test
def every_misbehaviour_is_in_the_table():
    with Sim() as sim:
        known = sim.behaviours()
    mine = [name_of(fault.rule) for fault in FAULTS]
    assert sorted(mine) == sorted(known), set(mine) ^ set(known)


@test
def every_misbehaviour_has_its_reason_and_leaves_nothing():
    matrix = Matrix()
    matrix.run()
    print('# %d cases, all as expected, in %d probes' % (
        len(matrix.cases), matrix.probes), flush=True)


if __name__ == '__main__':
    if '--table' in sys.argv:
        harness.use(*sys.argv[1:3])
        shown = Matrix()
        try:
            shown.run()
        finally:
            print(table(shown.cases))
    else:
        main()
