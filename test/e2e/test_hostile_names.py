#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""DNS servers that are slow, lie or die: who asks gets an answer in time and
is told, and the next one is served once the server is well again."""

import random
import struct
import threading

from contract import check_dead
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, low_ports, main,
                     test, wait_until)
from nameserver import Nameserver, record, silence, truth

TIMEOUT = 2 * FACTOR
# The name in the question, as a name in the answer.
SAME = b'\xc0\x0c'


def header(answer, flags=None, questions=None, answers=None):
    """The answer with other numbers in its header."""
    numbers = list(struct.unpack('>HHHHHH', answer[:12]))
    for at, number in ((1, flags), (2, questions), (3, answers)):
        if number is not None:
            numbers[at] = number
    return struct.pack('>HHHHHH', *numbers) + answer[12:]


def with_records(question, *records):
    """An answer to a question, with these records."""
    return header(question, 0x8180, answers=len(records)) + b''.join(records)


def code(number):
    return lambda question, name, answer: [header(answer, 0x8180 | number)]


def records(*some):
    return lambda question, name, answer: [with_records(question, *some)]


def resource(kind, data, name=SAME, length=None):
    return name + struct.pack('>HHIH', kind, 1, 0, len(data)
                              if length is None else length) + data


def wrong_number(question, name, answer):
    return [bytes((answer[0] ^ 0x55,)) + answer[1:]]


def another_name(question, name, answer):
    at = answer.lower().index(b'test\0')
    return [answer[:at] + b'tesu' + answer[at + 4:]]


def in_pieces(question, name, answer):
    return [answer[:length] for length in range(len(answer))]


def garbage(question, name, answer):
    numbers = random.Random(name)
    return [answer[:2] + numbers.randbytes(numbers.randint(0, 1400))
            for again in range(200)]


def noise(question, name, answer):
    numbers = random.Random(name)
    return [numbers.randbytes(numbers.randint(0, 1400))
            for again in range(200)]


def giant(question, name, answer):
    return [with_records(question, *[resource(16, b'\xff' + b'a' * 255)
                                     for again in range(240)])]


CNAME, TXT = 5, 16
A_RECORD = record('127.0.0.1')

# Each makes datagrams of a question; a name of its own has each.
LIES = {
    'wrong-number': wrong_number,
    'another-name': another_name,
    'truncated': code(0x0200),
    'malformed': code(1),
    'broken': code(2),
    'unknown': code(3),
    'unable': code(4),
    'refused': code(5),
    'strange-code': code(15),
    'a-question': lambda question, name, answer: [question],
    'empty': lambda question, name, answer: [b''],
    'in-pieces': in_pieces,
    'garbage': garbage,
    'noise': noise,
    'giant': giant,
    'alias-of-itself': records(resource(CNAME, SAME)),
    'aliases-in-a-circle': records(
        resource(CNAME, b'\1a' + SAME),
        resource(CNAME, SAME, b'\1a' + SAME)),
    'aliases-without-end': records(*[
        resource(CNAME, bytes((1, 97 + i % 26)) + SAME,
                 bytes((1, 96 + i % 26)) + SAME) for i in range(60)]),
    'pointer-to-itself': lambda question, name, answer: [
        header(question[:12] + b'\xc0\x0c' + question[-4:], 0x8180,
               answers=1) + A_RECORD],
    'pointers-in-a-circle': records(
        resource(CNAME, b'\xc0\x30', b'\xc0\x32')),
    'pointer-beyond': records(resource(CNAME, b'\xff\xff', b'\xff\xff')),
    'no-such-count': lambda question, name, answer: [
        header(answer, answers=65535)],
    'no-question': lambda question, name, answer: [
        header(answer, questions=0)],
    'questions-without-end': lambda question, name, answer: [
        header(answer, questions=65535)],
    'short-address': records(resource(1, b'\x7f\0\0')),
    'long-address': records(resource(1, b'\x7f\0\0\1' * 5 + b'\x7f')),
    'ipv6-address-of-4-bytes': records(resource(28, b'\x7f\0\0\1')),
    'longer-than-it-is': records(resource(1, b'\x7f\0\0\1', length=65535)),
    'text': records(resource(TXT, b'\x09127.0.0.1')),
}


def lie(question, name, answer):
    what = LIES.get(name.split('.')[0], truth)
    return what(question, name, answer)


@test
@low_ports
def lies_are_not_believed_and_soon_over():
    names = {name + '.test': '127.0.0.1' for name in LIES}
    with Nameserver(dict(names, **{'modem.test': '127.0.0.1'}),
                    lie) as server, Sim() as sim, \
            Exporter(server.option) as exporter, Cases() as cases:
        target = sim.https.replace('127.0.0.1', '%s.test')
        # At the same time, because some take all of it.
        probes = [(name, exporter.later(exporter.probe, target % name,
                                        timeout=TIMEOUT)) for name in LIES]
        for name, probe in probes:
            with cases.row(name):
                check_dead(probe.result(PATIENCE), 'resolve_failed')
        with cases.row('the truth beside lies'):
            page = exporter.probe(target % 'modem', timeout=TIMEOUT)
            assert page.value('probe_success') == '1', page.text
        server.replies = truth
        for name in LIES:
            with cases.row('the truth about ' + name):
                page = exporter.probe(target % name, timeout=TIMEOUT)
                assert page.value('probe_success') == '1', page.text
        with cases.row('what was not resolved was not connected to'):
            told = [e for e in exporter.events() if e['msg'] == 'probe failed']
            assert len(told) == len(LIES), told
            for event in told:
                assert event['reason'] == 'resolve_failed', event
                assert 'DNS server' in event['error'] or \
                    'no such name' in event['error'], event


@test
@low_ports
def each_lie_alone_leaves_a_server_that_is_asked_again():
    with Sim() as sim, Cases() as cases:
        target = sim.https.replace('127.0.0.1', 'modem.test')
        for name in ('refused', 'broken', 'garbage', 'truncated'):
            with cases.row(name), \
                    Nameserver({'modem.test': '127.0.0.1'},
                               LIES[name]) as server, \
                    Exporter(server.option) as exporter:
                for again in range(4):
                    check_dead(exporter.probe(target, timeout=TIMEOUT / 4),
                               'resolve_failed')
                server.replies = truth
                # A lie that is still on its way may spoil one of them.
                pages = [exporter.probe(target, timeout=TIMEOUT)
                         for again in range(3)]
                assert '1' in [page.value('probe_success')
                               for page in pages], pages[-1].text


@test
@low_ports
def a_server_that_dies_is_asked_again_when_it_is_back():
    with Nameserver({'modem.test': '127.0.0.1'}) as server, Sim() as sim, \
            Exporter(server.option) as exporter:
        target = sim.https.replace('127.0.0.1', 'modem.test')
        for again in range(2):
            page = exporter.probe(target, timeout=TIMEOUT)
            assert page.value('probe_success') == '1', page.text
            server.close()
            for twice in range(3):
                check_dead(exporter.probe(target, timeout=TIMEOUT / 2),
                           'resolve_failed')
            server.open()
        page = exporter.probe(target, timeout=TIMEOUT)
        assert page.value('probe_success') == '1', page.text


@test
@low_ports
def a_server_that_was_silent_is_asked_again():
    with Nameserver({'modem.test': '127.0.0.1'}, silence) as server, \
            Sim() as sim, Exporter(server.option) as exporter:
        target = sim.https.replace('127.0.0.1', 'modem.test')
        for again in range(4):
            check_dead(exporter.probe(target, timeout=TIMEOUT / 4),
                       'resolve_failed')
        server.replies = truth
        page = exporter.probe(target, timeout=TIMEOUT)
        assert page.value('probe_success') == '1', page.text


@test
@low_ports
def names_without_an_answer_hold_up_no_others():
    def some(question, name, answer):
        return [] if name.startswith('dead') else truth(question, name, answer)

    with Nameserver({'modem.test': '127.0.0.1'}, some) as server, \
            Sim() as sim, Exporter(server.option) as exporter:
        target = sim.https.replace('127.0.0.1', 'modem.test')
        dead = [exporter.later(
            exporter.probe, 'http://dead%d.test' % number, timeout=TIMEOUT)
            for number in range(60)]
        wait_until(lambda: len(server.questions) >= 100, '60 names asked for')
        page = exporter.probe(target, timeout=TIMEOUT)
        assert page.value('probe_success') == '1', page.text
        assert not any(probe.done() for probe in dead)
        for probe in dead:
            check_dead(probe.result(PATIENCE), 'resolve_failed')


@test
@low_ports
def an_answer_that_comes_late_is_no_harm():
    held = threading.Event()

    def late(question, name, answer):
        held.wait(PATIENCE)
        return [answer]

    with Nameserver({'modem.test': '127.0.0.1'}, late) as server, \
            Sim() as sim, Exporter(server.option) as exporter:
        target = sim.https.replace('127.0.0.1', 'modem.test')
        # Nobody waits for it any more when it comes.
        check_dead(exporter.probe(target, timeout=TIMEOUT / 2),
                   'resolve_failed')
        held.set()
        page = exporter.probe(target, timeout=TIMEOUT)
        assert page.value('probe_success') == '1', page.text


if __name__ == '__main__':
    main()
