#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which format is answered to which client, and how it is packed."""

import gzip
import json

from exposition import (CONTENT_TYPE, OPENMETRICS_TYPE, Page, as_openmetrics)
from harness import Cases, Exporter, Sim, main, probe_path, test

OPENMETRICS = 'application/openmetrics-text'
PROTOBUF = ('application/vnd.google.protobuf;proto=io.prometheus.client.'
            'MetricFamily;encoding=delimited;q=0.6,')

PROMETHEUS = {
    '2.45': 'application/openmetrics-text;version=1.0.0,'
            'application/openmetrics-text;version=0.0.1;q=0.75,'
            'text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    '2.53': 'application/openmetrics-text;version=1.0.0;q=0.5,'
            'application/openmetrics-text;version=0.0.1;q=0.4,'
            'text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    '3.x': 'application/openmetrics-text;version=1.0.0;'
           'escaping=allow-utf-8;q=0.6,'
           'application/openmetrics-text;version=0.0.1;q=0.5,'
           'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,'
           'text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
}
PROMETHEUS['2.53 with native histograms'] = PROTOBUF + PROMETHEUS['2.53']
PROMETHEUS['3.x with native histograms'] = PROTOBUF + PROMETHEUS['3.x']

# Other clients: what they send, and whether they get OpenMetrics.
OTHERS = {
    'no header': (None, False),
    'empty': ('', False),
    'curl': ('*/*', False),
    'a browser': ('text/html,application/xhtml+xml,application/xml;q=0.9,'
                  'image/avif,image/webp,*/*;q=0.8', False),
    'text': ('text/plain', False),
    'text of any version': ('text/plain;version=1.0.0', False),
    'garbage': (';;,=,q=;\x7f', False),
    'OpenMetrics alone': (OPENMETRICS, True),
    'OpenMetrics excluded': (OPENMETRICS + ';q=0,*/*;q=0.1', False),
    'all excluded': ('*/*;q=0', False),
    'something else': ('image/png', False),
}

# Accept-Encoding, and whether the answer is compressed.
ENCODINGS = {
    None: False, '': False, 'gzip': True, 'GZIP': True,
    'deflate, gzip, br, zstd': True, 'gzip;q=0.5': True, '*': True,
    'gzip;q=0': False, 'gzip;q=0.0, *': False, 'identity': False,
    'deflate, br': False, '*;q=0': False, 'identity;q=0, gzip;q=1.0': True,
}


def without_times(text):
    return [line for line in text.split('\n')
            if '_duration_seconds' not in line or line[0] == '#']


def headers_of(**more):
    return {name.replace('_', '-'): value for name, value in more.items()
            if value is not None}


def check_answer(answer, openmetrics):
    assert answer.status == 200, answer.text
    assert answer.header('Content-Type') == (
        OPENMETRICS_TYPE if openmetrics else CONTENT_TYPE), answer.headers
    assert answer.header('Vary') == 'Accept, Accept-Encoding'


@test
def every_prometheus_gets_openmetrics():
    with Sim() as sim, Exporter() as exporter:
        path = probe_path(sim.https, module='full')
        wanted = without_times(as_openmetrics(exporter.page(path).text))
        with Cases() as cases:
            for version, accept in PROMETHEUS.items():
                with cases.row(version):
                    answer = exporter.ask(
                        path, headers=headers_of(Accept=accept))
                    check_answer(answer, True)
                    assert answer.text.endswith('\n# EOF\n')
                    assert without_times(answer.text) == wanted, answer.text


@test
def others_get_what_they_can_show():
    with Sim() as sim, Exporter() as exporter:
        path = probe_path(sim.http)
        text = without_times(exporter.page(path).text)
        with Cases() as cases:
            for name, (accept, openmetrics) in OTHERS.items():
                with cases.row(name):
                    answer = exporter.ask(
                        path, headers=headers_of(Accept=accept))
                    check_answer(answer, openmetrics)
                    if not openmetrics:
                        assert without_times(answer.text) == text


@test
def failures_are_told_in_both_formats():
    with Sim('--behave=dsinfo,status=500') as sim, Exporter() as exporter:
        path = probe_path(sim.http)
        page = exporter.page(path)
        assert page.value('probe_success') == '0'
        answer = exporter.ask(path, headers=headers_of(Accept=OPENMETRICS))
        check_answer(answer, True)
        assert without_times(answer.text) == \
            without_times(as_openmetrics(page.text))


@test
def the_own_metrics_are_negotiated_too():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        exporter.page('/metrics')  # from then on requests are counted
        names = list(exporter.page('/metrics').families)
        assert 'probe_success' in names
        for accept in PROMETHEUS.values():
            answer = exporter.ask('/metrics', headers=headers_of(
                Accept=accept, Accept_Encoding='gzip'))
            check_answer(answer, True)
            assert answer.header('Content-Encoding') == 'gzip'
            text = gzip.decompress(answer.body).decode()
            assert text.endswith('\n# EOF\n') and text.count('# EOF') == 1
            assert '# TYPE process_cpu_seconds counter\n' \
                '# UNIT process_cpu_seconds seconds\n' in text
            assert '# TYPE coda56_exporter_build info\n' in text
            assert text.count('# TYPE ') == len(names)


@test
def two_formats_at_the_same_moment_are_one_probe():
    # Both join before the modem says anything.
    with Sim('--behave=delay=500') as sim, Exporter() as exporter:
        path = probe_path(sim.http)
        one = exporter.later(exporter.ask, path)
        other = exporter.later(exporter.ask, path,
                               headers=headers_of(Accept=OPENMETRICS))
        one, other = one.result(20), other.result(20)
        check_answer(one, False)
        check_answer(other, True)
        if sim.report_counters()['requests_total'] == 6:
            assert other.text == as_openmetrics(one.text)


@test
def gzip_is_sent_to_who_takes_it():
    with Sim() as sim, Exporter() as exporter:
        path = probe_path(sim.https)
        plain = exporter.page(path).text
        with Cases() as cases:
            for encoding, packed in ENCODINGS.items():
                for accept in (None, OPENMETRICS):
                    with cases.row('%s, %s' % (encoding, accept)):
                        answer = exporter.ask(path, headers=headers_of(
                            Accept=accept, Accept_Encoding=encoding))
                        check_answer(answer, accept is not None)
                        assert answer.header('Content-Encoding') == (
                            'gzip' if packed else None), answer.headers
                        text = (gzip.decompress(answer.body) if packed
                                else answer.body).decode()
                        wanted = as_openmetrics(plain) if accept else plain
                        assert without_times(text) == without_times(wanted)
                        assert not packed or \
                            answer.length < len(text) / 4, answer.length


@test
def head_says_what_get_would_send():
    with Sim() as sim, Exporter() as exporter:
        path = probe_path(sim.https)
        with Cases() as cases:
            for headers in (headers_of(),
                            headers_of(Accept=OPENMETRICS),
                            headers_of(Accept_Encoding='gzip'),
                            headers_of(Accept=OPENMETRICS,
                                       Accept_Encoding='gzip')):
                with cases.row(repr(headers)):
                    get = exporter.ask(path, headers=headers)
                    head = exporter.ask(path, 'HEAD', headers)
                    for name in ('Content-Type', 'Content-Encoding', 'Vary'):
                        assert head.header(name) == get.header(name), name
                    # The times of two probes may differ by some digits.
                    assert head.length > 0
                    assert abs(head.length - get.length) < 100, (
                        head.length, get.length)


@test
def head_of_one_probe_has_the_length_of_its_get():
    # Those that wait together get the same bytes.
    with Sim('--behave=delay=500') as sim, Exporter() as exporter:
        path = probe_path(sim.http)
        headers = headers_of(Accept=OPENMETRICS, Accept_Encoding='gzip')
        get = exporter.later(exporter.ask, path, 'GET', headers)
        head = exporter.later(exporter.ask, path, 'HEAD', headers)
        get, head = get.result(20), head.result(20)
        if sim.report_counters()['requests_total'] == 6:
            assert head.length == get.length, (head.length, get.length)


@test
def small_bodies_are_not_compressed():
    with Exporter() as exporter:
        for path in ('/-/healthy', '/-/ready', '/nosuch', '/probe'):
            answer = exporter.ask(path, headers=headers_of(
                Accept_Encoding='gzip'))
            assert answer.length < 1024
            assert answer.header('Content-Encoding') is None, path
            assert answer.text.isprintable() or answer.text.strip()


@test
def a_compressed_page_of_many_rows_is_whole():
    rows = [{'channelId': 'c%d' % i, 'snr': '3%d.5' % (i % 10),
             'modulation': 'x"\\\n' * 100} for i in range(512)]
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', json.dumps(rows).encode())
        path = probe_path(sim.http)
        answer = exporter.ask(path, headers=headers_of(
            Accept_Encoding='gzip'))
        assert answer.header('Content-Encoding') == 'gzip'
        page = Page(gzip.decompress(answer.body).decode())
        assert len(page.samples('modem_downstream_snr')) == 512
        assert page.labels('modem_downstream_channel_info', channel='c511')[
            'modulation'] == ('x"\\\n' * 100).rstrip()


if __name__ == '__main__':
    main()
