#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Targets that are names: who is asked about them, and what is believed."""

from contract import check_dead
from harness import Exporter, FACTOR, PATIENCE, Sim, low_ports, main, test
from nameserver import Nameserver, silence

TIMEOUT = 2 * FACTOR


def port(url):
    return url.rsplit(':', 1)[1]


@test
@low_ports
def a_name_is_resolved():
    with Nameserver({'modem.test': '127.0.0.1'}) as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        for scheme in ('https', 'http'):
            page = exporter.probe('%s://modem.test:%s' % (
                scheme, port(sim.url(scheme))))
            assert page.value('probe_success') == '1', page.text
            assert page.value('probe_ip_protocol') == '4'
            page.value('probe_phase_duration_seconds', phase='resolve')
            seen = sim.report_counters()['last_request']
            assert seen['host'] == 'modem.test:' + port(sim.url(scheme))
        assert ('modem.test', 'A') in server.questions


@test
@low_ports
def a_name_is_resolved_once_for_all_pages():
    with Nameserver({'modem.test': '127.0.0.1'}) as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        exporter.probe('modem.test:' + port(sim.https))
        for kind in ('A', 'AAAA'):
            assert server.questions.count(('modem.test', kind)) <= 1, \
                server.questions


@test
@low_ports
def a_name_may_have_an_ipv6_address():
    with Nameserver({'modem.test': '::1'}) as server, \
            Sim(listen=('https://[::1]:0',)) as sim, \
            Exporter(server.option) as exporter:
        page = exporter.probe('modem.test:' + port(sim.https))
        assert page.value('probe_success') == '1', page.text
        assert page.value('probe_ip_protocol') == '6'


@test
@low_ports
def upper_case_is_the_same_name():
    with Nameserver({'modem.test': '127.0.0.1'}) as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        page = exporter.probe('HTTP://Modem.TEST:%s/' % port(sim.http))
        assert page.value('probe_success') == '1', page.text
        assert sim.report_counters()['last_request']['host'] == \
            'modem.test:' + port(sim.http)


@test
@low_ports
def a_name_that_does_not_exist_is_said_not_to_resolve():
    with Nameserver() as server, Exporter(server.option) as exporter:
        page = exporter.probe('nowhere.test', timeout=TIMEOUT)
        check_dead(page, 'resolve_failed')
        assert not page.samples('probe_ip_protocol')
        assert server.questions


@test
@low_ports
def a_name_without_an_address_is_said_not_to_resolve():
    with Nameserver({'empty.test': []}) as server, \
            Exporter(server.option) as exporter:
        check_dead(exporter.probe('empty.test', timeout=TIMEOUT),
                   'resolve_failed')


@test
@low_ports
def a_name_server_that_never_answers_costs_no_more_than_the_timeout():
    with Nameserver(replies=silence) as server, \
            Exporter(server.option) as exporter:
        # Twice, because the second finds a server that is known to be bad.
        for again in range(2):
            check_dead(exporter.probe('modem.test', timeout=TIMEOUT),
                       'resolve_failed')
        assert server.questions


@test
@low_ports
def names_under_invalid_are_no_question_for_anybody():
    with Nameserver() as server, Exporter(server.option) as exporter:
        for target in ('modem.invalid', 'http://modem.invalid:8080',
                       'https://a.b.INVALID'):
            check_dead(exporter.probe(target, timeout=TIMEOUT),
                       'resolve_failed')
    # Only now has the server seen all that was sent to it.
    assert server.questions == [], server.questions


@test
@low_ports
def addresses_are_no_question_for_anybody():
    with Nameserver() as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        exporter.probe(sim.https)
    assert server.questions == [], server.questions


@test
@low_ports
def a_probe_waiting_for_a_name_holds_up_no_other():
    with Nameserver(replies=silence) as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        stuck = exporter.later(exporter.probe, 'modem.test',
                               timeout=4 * FACTOR)
        assert exporter.probe(sim.https).value('probe_success') == '1'
        assert not stuck.done()
        check_dead(stuck.result(PATIENCE), 'resolve_failed')


if __name__ == '__main__':
    main()
