#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The configuration file: what it changes, and how it is read again."""

import os
import re
import signal
import time

from configuration import RELOAD, check_reloads, module, written
from exposition import Page
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, call,
                     host_and_port, main, probe_path, test)

EXAMPLE = os.path.join(os.path.dirname(__file__), '..', '..', 'contrib',
                       'coda56-exporter.yml')
SUCCESS = 'coda56_exporter_config_last_reload_successful'
WHEN = 'coda56_exporter_config_last_reload_success_timestamp_seconds'
# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)


def modules_of(exporter):
    return re.findall('<option(?: selected)?>(.*?)</option>',
                      exporter.ask('/').text)


@test
def a_right_file_is_right_and_a_wrong_one_says_why():
    for command in ((), ('--web.listen-address=127.0.0.1:0',)):
        with written(module('a', 'port: 8443')) as file:
            assert call('--config.check', file.option, *command) == (0, '', '')
            file.write(module('a', 'prot: 8443'))
            status, out, err = call('--config.check', file.option, *command)
            assert (status, out) == (1, ''), (status, out)
            assert file.place(3, 5) + "unknown key 'prot'" in err, err
            assert 'port' in err and err.count('\n') == 1, err
    assert call('--config.check') == (0, '', '')
    assert call('--config.check', '--modem.module=nosuch')[0] == 1


@test
def nothing_starts_with_a_wrong_file():
    with written('modules: [') as file:
        for args in ((), ('probe', '127.0.0.1')):
            status, out, err = call(*args + (file.option,))
            assert (status, out) == (2, ''), (status, out)
            assert file.path + ':' in err and err.count('\n') == 1, err


@test
def the_example_is_the_defaults_and_has_every_key():
    with open(EXAMPLE) as file:
        example = file.read()
    option = '--config.file=' + EXAMPLE
    assert call('--config.check', option) == (0, '', '')
    with Exporter() as plain, Exporter(option) as exporter:
        config = plain.ask('/config').text
        assert exporter.ask('/config').text == config
    keys = set(re.findall(r'^ *(\w+):', config, re.M))
    assert len(keys) >= 22, keys
    for key in keys:
        assert re.search(r'^ *%s:' % key, example, re.M), key


@test
def modules_of_the_file_are_there_beside_those_built_in():
    with written(module('mine', 'port: 1')) as file, \
            Exporter(file.option) as exporter:
        assert modules_of(exporter) == ['coda56', 'full', 'gentle', 'mine']
        file.write(module('a.b-c', 'port: 1') + '  gentle: {port: 2}\n')
        check_reloads(exporter)
        assert modules_of(exporter) == ['coda56', 'full', 'gentle', 'a.b-c']
        answer = exporter.ask(probe_path('127.0.0.1', module='mine'))
        assert answer.status == 400 and 'mine' in answer.text, answer.text


@test
def endpoints_are_those_of_the_file():
    with written(module('two', 'endpoints: [getSysInfo, dsinfo]')) as file, \
            Sim() as sim, Exporter(file.option) as exporter:
        page = exporter.probe(sim.https, module='two')
        assert page.value('probe_success') == '1'
        assert [s.labels['endpoint'] for s in
                page.samples('probe_endpoint_success')] == [
                    'dsinfo', 'getSysInfo']
        counters = sim.report_counters()
        assert counters['requests_total'] == 2, counters


@test
def scheme_and_port_are_those_of_the_file():
    with Sim() as sim:
        host, port = host_and_port(sim.http).split(':')
        with written(module('old', 'scheme: http', 'port: ' + port)) as file, \
                Exporter(file.option) as exporter:
            page = exporter.probe(host, module='old')
            assert page.value('probe_success') == '1', page.text
            assert 'probe_tls_info' not in page.families


@test
def the_port_is_that_of_the_scheme_unless_it_is_said():
    with written(module('old', 'scheme: http')) as file, \
            Exporter(file.option) as exporter:
        shown = exporter.ask('/config').text
        old = shown[shown.index('  old:'):]
        assert 'scheme: http\n' in old and 'port: 80\n' in old, old
        assert shown.count('port: 443\n') == 3, shown


@test
def a_timeout_of_the_file_ends_the_probe():
    with written(module('hasty', 'timeout: %dms' % (500 * UNIT))) as file, \
            Sim('--behave=hang') as sim, Exporter(file.option) as exporter:
        began = time.monotonic()
        page = exporter.probe(sim.https, module='hasty')
        took = time.monotonic() - began
        assert 0.4 * UNIT < took < 5 * UNIT, took
        assert float(page.value('probe_timeout_seconds')) == 0.5 * UNIT
        assert page.labels('probe_failure_info') == {'reason': 'timeout'}


@test
def identifiers_are_shown_if_the_file_says_so():
    with written(module('coda56', 'expose_identifiers: true')) as file, \
            Sim() as sim, Exporter(file.option) as exporter:
        labels = exporter.probe(sim.http).labels('modem_info')
        assert labels['serial_number'] and labels['rf_mac'], labels
        other = exporter.probe(sim.http, module='full').labels('modem_info')
        assert 'serial_number' not in other and 'rf_mac' not in other, other
        status, out, err = call('probe', sim.http, file.option)
        assert (status, err) == (0, ''), (status, err)
        assert Page(out).labels('modem_info') == labels
        file.write('')
        check_reloads(exporter)
        assert 'rf_mac' not in exporter.probe(sim.http).labels('modem_info')


@test
def targets_are_those_of_the_file_or_of_the_command_line():
    denied = 'targets: {deny: [127.0.0.0/8]}'
    with written(denied) as file, Sim() as sim:
        with Exporter(file.option) as exporter:
            assert exporter.ask(probe_path(sim.http)).status == 403
            file.write('targets: {allow: [127.0.0.1]}')
            check_reloads(exporter)
            assert exporter.ask(probe_path(sim.http)).status == 200
            assert exporter.ask(probe_path('127.0.0.2')).status == 403
        file.write(denied)
        with Exporter(file.option, '--target.deny=10.0.0.1') as exporter:
            assert exporter.ask(probe_path(sim.http)).status == 200
            config = exporter.ask('/config').text
            assert config.endswith('  deny:\n  - 10.0.0.1/32\n'), config


@test
def the_file_is_read_again_when_asked():
    with written() as file, Exporter(file.option) as exporter:
        before = float(exporter.page('/metrics').value(WHEN))
        file.write(module('one'))
        # Not of itself.
        assert 'one' not in modules_of(exporter)
        check_reloads(exporter)
        assert 'one' in modules_of(exporter)
        file.write(module('two'))
        check_reloads(exporter, 'PUT')
        assert modules_of(exporter)[3:] == ['two']
        file.write(module('three'))
        exporter.process.send_signal(signal.SIGHUP)
        exporter.wait_line('stderr', lambda line: 'reloaded' in line,
                           'a reload', 3)
        assert modules_of(exporter)[3:] == ['three']
        page = exporter.page('/metrics')
        assert page.value(SUCCESS) == '1'
        assert float(page.value(WHEN)) > before
        for event in exporter.events():
            assert event['level'] == 'info', event


@test
def only_post_and_put_reload():
    with written() as file, Exporter(file.option) as exporter, \
            Cases() as cases:
        file.write(module('one'))
        for method in ('GET', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'):
            with cases.row(method):
                answer = exporter.ask(RELOAD, method)
                assert answer.status == 405, answer.status
                assert answer.header('Allow') == 'POST, PUT', answer.headers
        with cases.row('nothing was reloaded'):
            assert 'one' not in modules_of(exporter)


@test
def a_broken_file_changes_nothing_and_is_told_of():
    with written(module('mine', 'endpoints: [dsinfo]')) as file, \
            Sim() as sim, Exporter(file.option) as exporter:
        config = exporter.ask('/config').text
        before = exporter.page('/metrics').value(WHEN)
        file.write(module('mine', 'endpoints: [usinfo]') +
                   module('other', 'port: 1'))
        answer = exporter.ask(RELOAD, 'POST')
        assert answer.status == 500
        # One line of text: check_manners() looks.
        reason = answer.text.strip()
        assert reason.startswith(file.place(4, 1) + "'modules' "), reason
        event = exporter.wait_event(level='error')
        assert event['error'] == reason, event
        file.write(module('mine', 'port: "\\x1b[31m"'))
        exporter.process.send_signal(signal.SIGHUP)
        errors = exporter.wait_line(
            'stderr', lambda line: 'level=error' in line and line, 'error', 2)
        assert file.place(3, 11) in errors[1] and '\x1b' not in errors[1], \
            errors
        page = exporter.page('/metrics')
        assert page.value(SUCCESS) == '0'
        assert page.value(WHEN) == before
        assert exporter.ask('/config').text == config
        page = exporter.probe(sim.http, module='mine')
        assert page.labels('probe_endpoint_success') == {'endpoint': 'dsinfo'}
        assert exporter.ask('/-/healthy').status == 200
        # A file that is gone is no empty one.
        os.rename(file.path, file.path + '.away')
        answer = exporter.ask(RELOAD, 'POST')
        assert answer.status == 500 and file.path in answer.text, answer.text
        os.rename(file.path + '.away', file.path)
        file.write('')
        check_reloads(exporter)
        assert exporter.page('/metrics').value(SUCCESS) == '1'
        assert 'mine' not in modules_of(exporter)


@test
def a_running_probe_keeps_its_module():
    with written(module('mine', 'expose_identifiers: true')) as file, \
            Sim('--behave=delay=%d' % (1000 * UNIT)) as sim, \
            Exporter(file.option) as exporter:
        clients = []
        # One for each configuration that there was.
        for url, count in ((sim.https, 6), (sim.http, 12)):
            clients.append(exporter.later(exporter.probe, url,
                                          module='mine'))
            sim.wait_counter('requests_open', count)
            check_reloads(exporter)
        file.write('targets: {deny: [127.0.0.0/8]}')
        check_reloads(exporter)
        assert exporter.ask(probe_path(
            sim.https, module='mine')).status == 400
        assert exporter.ask(probe_path(sim.https)).status == 403
        assert not [c for c in clients if c.done()]
        for client in clients:
            page = client.result(PATIENCE)
            assert page.value('probe_success') == '1', page.text
            assert page.labels('modem_info')['serial_number']


@test
def a_new_configuration_is_a_new_probe():
    with written(module('mine', 'endpoints: [dsinfo]')) as file, \
            Sim('--behave=delay=%d' % (500 * UNIT)) as sim, \
            Exporter(file.option) as exporter:
        first = exporter.later(exporter.probe, sim.https, module='mine')
        sim.wait_counter('requests_open', 1)
        file.write(module('mine', 'endpoints: [usinfo]'))
        check_reloads(exporter)
        # Who asks now does not join the probe that runs.
        second = exporter.probe(sim.https, module='mine')
        for page, endpoint in ((first.result(PATIENCE), 'dsinfo'),
                               (second, 'usinfo')):
            assert page.value('probe_success') == '1', page.text
            assert page.labels('probe_endpoint_success') == {
                'endpoint': endpoint}


@test
def the_modem_of_the_command_line_follows_the_file():
    with Sim() as sim, written() as file:
        host, port = host_and_port(sim.http).split(':')
        right = module('mine', 'scheme: http', 'port: ' + port,
                       'endpoints: [dsinfo]')
        file.write(right)
        with Exporter(file.option, '--modem.target=' + host,
                      '--modem.module=mine') as exporter:
            page = exporter.page('/metrics')
            assert page.value('probe_success') == '1', page.text
            file.write(right.replace('dsinfo', 'usinfo'))
            check_reloads(exporter)
            page = exporter.page('/metrics')
            assert page.labels('probe_endpoint_success') == {
                'endpoint': 'usinfo'}
            file.write(right.replace('mine', 'other'))
            answer = exporter.ask(RELOAD, 'POST')
            assert answer.status == 500, answer.status
            assert '--modem.module=mine' in answer.text, answer.text
            page = exporter.page('/metrics')
            assert page.value('probe_success') == '1', page.text
        status, out, err = call(file.option, '--modem.module=mine')
        assert status == 2 and 'modem.module' in err, (status, err)


@test
def the_probe_command_reads_the_file():
    with Sim() as sim, written(module('mine', 'endpoints: [dsinfo]')) as file:
        status, out, err = call('probe', sim.http, '--module=mine',
                                file.option)
        assert (status, err) == (0, ''), (status, err)
        assert Page(out).labels('probe_endpoint_success') == {
            'endpoint': 'dsinfo'}
        status, out, err = call('probe', sim.http, '--module=other',
                                file.option)
        assert status == 2 and '--module=other' in err, (status, err)


@test
def the_configuration_that_is_shown_is_one():
    text = module(
        'mine', 'scheme: http', 'port: 81', 'timeout: 1h2m3s4ms',
        'endpoints: [status_log]', 'max_concurrent_fetches: 2',
        'min_interval: 5s', 'endpoint_min_interval: {dsinfo: 1s}',
        'keepalive: 0', 'ip_protocol: ip6', 'source_address: "::1"',
        'expose_identifiers: true', 'tls:', '  verify: fingerprint',
        '  fingerprint_sha256: ' + ':'.join(['A0'] * 32),
        '  ca_file: "/a: \\u00fc\\"\\n#"', '  server_name: "1.0"',
        '  min_version: TLS1.2') + 'targets: {allow: ["fd00::/8"], deny: []}'
    with written(text) as file, Exporter(file.option) as exporter:
        answer = exporter.ask('/config')
        assert answer.status == 200
        assert answer.header('Content-Type') == 'text/plain; charset=utf-8'
        for wanted in ('timeout: 1h2m3s4ms', 'a0' * 32, 'deny: []',
                       'endpoints: [status_log]', 'min_version: TLS1.2'):
            assert wanted in answer.text, wanted
        file.write(answer.text)
        check_reloads(exporter)
        assert exporter.ask('/config').text == answer.text
        assert exporter.ask('/config', 'HEAD').length == answer.length


@test
def the_configuration_can_be_hidden():
    with Exporter() as exporter:
        assert 'href="/config"' in exporter.ask('/').text
    with Exporter('--web.disable-config') as exporter:
        for method in ('GET', 'HEAD', 'POST'):
            assert exporter.ask('/config', method).status == 404, method
        assert '/config' not in exporter.ask('/').text
        check_reloads(exporter)


@test
def without_a_file_all_is_as_it_was_built():
    with Exporter() as exporter:
        before = exporter.page('/metrics')
        assert before.value(SUCCESS) == '1'
        assert abs(time.time() - float(before.value(WHEN))) < 60 * FACTOR
        check_reloads(exporter)
        after = exporter.page('/metrics')
        assert float(after.value(WHEN)) > float(before.value(WHEN))
        assert modules_of(exporter) == ['coda56', 'full', 'gentle']


if __name__ == '__main__':
    main()
