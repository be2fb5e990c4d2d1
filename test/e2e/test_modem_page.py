#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`/modem`: a modem at a glance, for a browser."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import urllib.parse
from html.parser import HTMLParser

from harness import Cases, Exporter, PATIENCE, Sim, Skip, main, test

TYPE = 'text/html; charset=utf-8'
VOID = {'meta', 'link', 'input'}
TAGS = VOID | set(
    'html head title style body header main h1 h2 h3 p time nav a section ul ol '
    'li b span strong dl dt dd div table thead tbody tr th td code pre form '
    'label select option button figure figcaption svg g desc rect path text'.split())
# Those that load or run nothing; links go to our own pages.
ATTRIBUTES = set(
    'lang charset name content rel href class aria-hidden aria-label role '
    'scope tabindex datetime viewbox x y width height d'.split())
PAGES = ('dsinfo', 'usinfo', 'dsofdminfo', 'usofdminfo', 'getCmDocsisWan',
         'getSysInfo', 'getCMInit', 'getLinkStatus', 'system_model',
         'status_log')


class Page(HTMLParser):
    """A page whose elements all end, and are none but those of the list."""

    def __init__(self, answer, links='/'):
        super().__init__()
        assert answer.header('Content-Type') == TYPE, answer.headers
        self.open = []
        self.count = {}
        self.links = []
        self.words = []
        self.tables = {}
        self.style = ''
        self._begin = links
        assert answer.text.startswith('<!DOCTYPE html>\n')
        self.feed(answer.text)
        self.close()
        assert not self.open, self.open
        self.text = ' '.join(' '.join(self.words).split())
        check_policy(answer, self.style)

    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, tag
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert name in ATTRIBUTES, (tag, name)
            if name == 'href':
                assert value.startswith(self._begin), value
                self.links.append(value)
            if name == 'aria-label' and tag == 'div':
                self.table = self.tables.setdefault(value, [])
        if tag == 'tr':
            self.table.append([])
        elif tag in ('td', 'th'):
            self.table[-1].append('')

    def handle_startendtag(self, tag, attributes):
        assert tag in ('rect', 'path'), tag
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        if 'style' in self.open:
            self.style += data
            return
        self.words.append(data)
        if {'td', 'th'} & set(self.open):
            self.table[-1][-1] += data

    def rows(self, title):
        return [[' '.join(cell.split()) for cell in row]
                for row in self.tables[title][1:]]


def check_policy(answer, style):
    """Only this style, and nothing else, is let do anything."""
    code = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.header('Content-Security-Policy')
    assert policy == (
        "default-src 'none'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-%s'"
        % code), (policy, code)
    assert 'url(' not in style and '@import' not in style


def ask(exporter, target, status=200, **more):
    answer = exporter.ask('/modem?' + urllib.parse.urlencode(
        dict(more, target=target)))
    assert answer.status == status, (answer.status, answer.text)
    return answer


def show(exporter, target, status=200, **more):
    return Page(ask(exporter, target, status, **more))


@test
def a_modem_is_shown_with_all_that_it_told():
    with Sim() as sim, Exporter() as exporter:
        page = show(exporter, sim.http, module='full')
        for part in (
                sim.http, 'The line works, and is worth a look.',
                'Downstream power is not at its best on 16 of 32 channels, '
                'worst on channel 1 with 9.1 dBmV; -7 to 7 is good.',
                'T3 and T4 time-outs within the last hour: 0; 5 in the',
                'HITRON', '7.3.5.3.2b1', '192.0.2.117', '1 d 6 h',
                'Port 1 to the router runs at 2.5 Gbit/s',
                'SYNC Timing Synchronization failure',
                '- targets: ["%s"]' % sim.http):
            assert part in page.text, (part, page.text)
        rows = page.rows('Downstream channels')
        assert len(rows) == 32
        # A value that is not good has a mark and a word.
        assert rows[0] == ['12', '447', '~ tolerable 7.90', '37.64', '0', '0',
                           '256QAM'], rows[0]
        assert rows[6][2] == '6.70', rows[6]
        assert len(page.rows('Event log')) == 20
        assert [row[:2] for row in page.rows('Pages asked for')] == [
            [name, 'yes'] for name in PAGES]
        assert page.count['svg'] == 3
        # Of a spectrum each channel is a bar, and one area is shaded.
        assert page.count['rect'] == 3 + 2 * (32 + 2) + 5 + 1
        query = urllib.parse.urlencode({'target': sim.http})
        for link, part in (
                ('/probe?' + query + '&module=full', 'probe_success 1\n'),
                ('/logs?' + query, 'status_log: read')):
            assert link in page.links, page.links
            answer = exporter.ask(link)
            assert answer.status == 200 and part in answer.text, answer.text


@test
def a_sick_line_is_judged_and_marked():
    rows = [{'channelId': str(n), 'frequency': str(n * 10 ** 8),
             'modulation': '2', 'signalStrength': power, 'snr': snr}
            for n, (power, snr) in enumerate(
                (('0', '38'), ('13', '34'), ('-16', '29')), 1)]
    rows[1].update(dsoctets='89999999', correcteds='1', uncorrect='1000000')
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', json.dumps(rows).encode())
        page = show(exporter, sim.http)
        assert 'The line is in trouble, and users will notice.' in page.text
        assert [row[2:5] for row in page.rows('Downstream channels')] == [
            ['0.00', '38.00', ''],
            ['! bad 13.00', '~ tolerable 34.00', '!! critical 1 000 000'],
            ['!! critical -16.00', '!! critical 29.00', '']]
        assert re.search(r'5 channels from 97 to \d+ MHz, -16\.0 to 13\.0 '
                         r'dBmV, 2 out of range\.', page.text), page.text


@test
def a_page_that_failed_hides_no_other():
    with Sim('--behave=dsinfo,status=500', '--behave=status_log,reset') \
            as sim, Exporter() as exporter:
        page = show(exporter, sim.http, module='full')
        assert 'The probe failed: http_status' in page.text
        assert 'The page dsinfo could not be read (http_status). Not ' \
            'judged: downstream channels.' in page.text, page.text
        assert 'Too little could be read to judge the line.' in page.text
        assert 'Downstream channels' not in page.tables
        assert len(page.rows('Upstream channels')) == 5
        assert page.rows('Pages asked for')[0][:3] == ['dsinfo', 'no',
                                                       'http_status']


@test
def failures_are_pages_that_say_what_to_do():
    with Sim() as sim, Exporter('--target.deny=127.9.9.9') as exporter, \
            Cases() as cases:
        for behave, reason, hint, reached in (
                ('refuse', 'connect_refused', 'check port',
                 '! Connecting: '),
                ('handshake-garbage', 'tls_handshake_failed',
                 'speaks plain HTTP', '! Agreeing on TLS: '),
                ('close', 'connection_reset', 'probe less often',
                 '! Waiting for pages: '),
                ('login', 'not_json', 'may want a login',
                 '! Transferring pages: ')):
            with cases.row(behave):
                sim.behave(behave)
                page = show(exporter, sim.https)
                for part in ('The probe failed: ' + reason, hint, reached,
                             'ms, and no further',
                             '\u2713 Finding its address: '):
                    assert part in page.text, (part, page.text)
                assert '/modem?target=http%3A%2F%2F127.0.0.1' \
                    '&module=coda56' in page.links, page.links
        sim.behave()
        for target, status, part in (
                ('127.9.9.9', 403, 'in no allowed network'),
                ('', 400, 'target is missing'),
                ('<script>alert(1)</script>', 400, 'has no path'),
                ('1.2.3', 400, 'four plain')):
            with cases.row(target):
                page = show(exporter, target, status)
                assert part in page.text, page.text
        for more, part in (
                ({'module': '<b>'}, "Unknown module '<b>'"),
                ({'debug': 'true'}, "Unknown parameter 'debug'"),
                ({'refresh': '4'}, 'from 5 to 86400'),
                ({'refresh': '5 '}, 'from 5 to 86400'),
                ({'refresh': '86401'}, 'from 5 to 86400')):
            with cases.row(repr(more)):
                assert part in show(exporter, sim.http, 400, **more).text


@test
def a_bad_query_is_refused_in_a_page():
    with Exporter() as exporter, Cases() as cases:
        for query, part in (('', 'as in /modem?target='),
                            ('target=127.0.0.1&debug=true',
                             'there are target, module and refresh'),
                            ('%ff%80=1', "'\\xff\\x80'"),
                            ('x%c2=1', "'x\\xc2'"),
                            ('target=127.0.0.1&module=%e2%80', "'\\xe2\\x80'"),
                            ('target=127.0.0.1&module=' + 63 * 'a' + '%c3%a4',
                             50 * 'a')):
            with cases.row(query):
                answer = exporter.ask('/modem?' + query)
                assert answer.status == 400, answer.text
                page = Page(answer)
                assert part in page.text, page.text


@test
def a_full_exporter_says_so_in_a_page():
    with Sim('--behave=hang') as sim, Exporter('--web.max-probes=1') \
            as exporter:
        first = exporter.later(exporter.probe, sim.http, timeout=2)
        sim.wait_counter('requests_total', 1, at_least=True)
        answer = ask(exporter, sim.https, 503)
        assert answer.header('Retry-After') == '1'
        assert '--web.max-probes' in Page(answer).text
        first.result(PATIENCE)


@test
def a_page_and_metrics_are_made_from_one_probe():
    with Sim('--behave=delay=300') as sim, Exporter() as exporter:
        asked = [exporter.later(exporter.probe, sim.http)] + [
            exporter.later(show, exporter, sim.http) for _ in range(3)]
        for answer in asked:
            answer.result(PATIENCE)
        assert sim.report_counters()['requests_total'] == 6


@test
def a_browser_is_told_to_ask_again_only_if_wanted():
    with Sim() as sim, Exporter() as exporter:
        answer = ask(exporter, sim.http)
        assert answer.header('Refresh') is None
        again = [link for link in Page(answer).links if 'refresh=' in link]
        answer = exporter.ask(again[0])
        assert answer.header('Refresh') == '30', answer.headers
        assert not [link for link in Page(answer).links
                    if 'refresh=' in link]


@test
def links_know_the_prefix_and_what_is_not_shown():
    with Sim() as sim, Exporter(
            '--web.external-url=https://example.org/modems',
            '--web.disable-debug') as exporter:
        answer = exporter.ask('/modems/modem?target=' + sim.http)
        page = Page(answer, links='/modems/')
        assert not [link for link in page.links if 'logs' in link]
        assert exporter.ask('/modems/modem', 'HEAD').status == 400


@test
def pages_are_compressed_for_who_takes_it():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for path in ('/modem?module=full&target=' + sim.http, '/',
                     '/logs?target=' + sim.http, '/modem?target=1.2.3'):
            with cases.row(path):
                plain = exporter.ask(path)
                packed = exporter.ask(path, headers={
                    'Accept-Encoding': 'gzip, br'})
                for answer, encoding in (plain, None), (packed, 'gzip'):
                    assert answer.header('Content-Encoding') == encoding
                    assert answer.header('Vary') == 'Accept-Encoding'
                assert packed.length < plain.length / 2, packed.length
                text = gzip.decompress(packed.body)
                assert text[:100] == plain.body[:100], text[:100]
                assert text[-20:] == plain.body[-20:], text[-20:]


HOSTILE = {
    'markup': '<script>alert(1)</script><img src=x onerror=alert(1)>',
    'quotes': '"><b onclick="x">\'&lt;&amp;',
    'controls': 'a\x1b[31m\x07\x7f\x9b2Jb',
    'direction': 'a\u202egnp\u2066.exe',
    'comment': '<!-- --><![CDATA[ ]]><style>*{}</style></td></table>',
    'long': '<' * 500,
}
SHOWN = {
    'controls': r'a\x1b[31m\x07\x7f\xc2\x9b2Jb',
    'direction': r'a\xe2\x80\xaegnp\xe2\x81\xa6.exe',
    'long': '<' * 300,
}
FIELDS = {
    'dsinfo': 'channelId modulation', 'usinfo': 'channelId modtype scdmaMode',
    'dsofdminfo': 'receive ffttype', 'usofdminfo': 'uschindex state fftVal',
    'getCmDocsisWan': 'Configname CmIpAddress CmGateway',
    'getSysInfo': 'hwVersion swVersion', 'system_model': 'modelName',
    'status_log': 'priority event',
}


@test
def what_a_modem_says_is_text():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for name, text in HOSTILE.items():
            for endpoint, fields in FIELDS.items():
                row = dict({'frequency': '100000000', 'plclock': 'YES',
                            'signalStrength': '-99', 'repPower1_6': '1',
                            'channelBw': '9', 'plcpower': '-99', 'SNR': '1',
                            'snr': '1'},
                           **{field: text for field in fields.split()})
                with cases.row('%s, %s' % (name, endpoint)):
                    sim.serve(endpoint, json.dumps([row]).encode())
                    answer = ask(exporter, sim.http, module='full')
                    shown = Page(answer).text
                    assert ' '.join(SHOWN.get(name, text).split()) in shown, \
                        shown[:4000]
                    assert answer.length < 200000, answer.length


@test
def numbers_beyond_all_measure_are_borne():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for number in ('9' * 400, '-' + '9' * 400, '0.' + '0' * 400 + '1',
                       '0', '1', '2999999999', '-1'):
            row = {key: number for key in (
                'frequency', 'signalStrength', 'snr', 'dsoctets', 'uncorrect',
                'correcteds', 'bandwidth', 'Subcarr0freqFreq', 'plcpower',
                'SNR', 'channelBw', 'repPower1_6', 'repPower')}
            for endpoint in ('dsinfo', 'usinfo', 'dsofdminfo', 'usofdminfo'):
                with cases.row('%.9s, %s' % (number, endpoint)):
                    body = dict(row, channelId='1', receive='1',
                                uschindex='1', state='OPERATE',
                                plclock='YES')
                    sim.serve(endpoint, json.dumps([body] * 3).encode())
                    answer = ask(exporter, sim.http)
                    Page(answer)
                    for value in re.findall(
                            r' (?:x|y|width|height)="([^"]*)"', answer.text):
                        assert -5000 < int(value) < 5000, value


@test
def the_largest_pages_make_a_bounded_one():
    row = {'channelId': '1', 'frequency': '100000000', 'snr': '1',
           'signalStrength': '-99', 'modulation': '<' * 1000}
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', json.dumps([row] * 900).encode())
        answer = ask(exporter, sim.http)
        assert len(Page(answer).rows('Downstream channels')) == 512
        assert answer.length < 2000000, answer.length


@test
def tidy_has_no_complaint():
    if not shutil.which('tidy'):
        raise Skip('tidy is missing')
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for behave in ('', 'dsinfo,status=500', 'refuse'):
            with cases.row(behave):
                sim.behave(*[behave] * bool(behave))
                for path in ('/', '/modem?module=full&target=' + sim.http):
                    text = exporter.ask(path).body
                    done = subprocess.run(
                        ['tidy', '-q', '-e', '-utf8'], input=text,
                        stderr=subprocess.PIPE, timeout=PATIENCE)
                    assert not done.stderr, done.stderr


if __name__ == '__main__':
    main()
