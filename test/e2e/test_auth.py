#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Users and their passwords."""

import base64
import collections
import contextlib
import select
import socket
import threading
import time

from client import Answer, connect, read_all, read_one, request_bytes
from harness import (Cases, Exporter, PATIENCE, Sim, Skip, loopback_address,
                     main, probe_path, test, wait_until, wrapper)
from webfiles import (Directory, NEW_HASH, USERS, authorization, right,
                      users)

# More than wait for their check at the same time.
FLOOD = 60


@contextlib.contextmanager
def guarded(*names, args=()):
    with Directory() as files, \
            Exporter(files.config(users(*names)), *args) as exporter:
        yield files, exporter


def check_refused(answer):
    assert answer.status == 401, (answer.status, answer.text)
    scheme, space, rest = answer.header('WWW-Authenticate').partition(' ')
    assert scheme == 'Basic' and 'realm="' in rest, answer.headers


def post_all(address, path, credentials, stack):
    """Asks by a connection each, and waits for none."""
    socks = []
    for headers in credentials:
        sock = stack.enter_context(connect(address, PATIENCE))
        sock.sendall(request_bytes(address, path, headers=headers))
        socks.append(sock)
    return socks


def need_two_threads():
    if wrapper():
        raise Skip('a wrapper lets one thread run at a time')


def read_answer(sock):
    return Answer(read_all(sock, PATIENCE), 'GET')


@test
def every_page_wants_a_password():
    with Sim() as sim, guarded('alice') as (files, exporter), \
            Cases() as cases:
        for path in ('/', '/metrics', '/probe', '/-/healthy', '/-/ready',
                     '/nosuch', '//', probe_path(sim.https)):
            for method in ('GET', 'HEAD', 'POST'):
                with cases.row('%s %s' % (method, path)):
                    check_refused(exporter.ask(path, method))
                    answer = exporter.ask(path, method, right('alice'))
                    assert answer.status != 401, answer.status
        with cases.row('no probe without a password'):
            before = sim.report_counters()['requests_total']
            check_refused(exporter.ask(probe_path(sim.https)))
            assert sim.report_counters()['requests_total'] == before


@test
def the_right_password_of_each_user_is_taken():
    with guarded(*USERS) as (files, exporter), Cases() as cases:
        for user in USERS:
            with cases.row(user):
                # The second time it is known.
                for again in range(2):
                    answer = exporter.ask('/-/healthy', headers=right(user))
                    assert answer.status == 200, answer.status
                check_refused(exporter.ask(
                    '/-/healthy', headers=authorization(user, 'wrong')))
                # Who knows one password does not know the others.
                other = [u for u in USERS if u != user][0]
                check_refused(exporter.ask('/-/healthy', headers=(
                    authorization(other, USERS[user][0]))))


@test
def what_is_almost_right_is_wrong():
    with guarded('alice') as (files, exporter), Cases() as cases:
        assert exporter.ask('/', headers=right('alice')).status == 200
        for user, password in (
                ('alice', ''), ('alice', 'wonderlan'),
                ('alice', 'wonderland '), ('alice', 'Wonderland'),
                ('alice', 'wonderland:'), ('Alice', 'wonderland'),
                ('alice ', 'wonderland'), ('', 'wonderland'), ('', ''),
                ('alice:', 'wonderland'), ('bob', 'wonderland'),
                ('alice', USERS['alice'][1]), ('alice', 'w' * 5000),
                ('alice', 'wonderland\0'), ('alice\0', 'wonderland'),
                ('alice', 'wonderland\0x'), ('a' * 4000, 'x')):
            with cases.row('%.20r %.20r' % (user, password)):
                check_refused(exporter.ask(
                    '/', headers=authorization(user, password)))


@test
def odd_headers_are_refused():
    good = right('alice')['Authorization'].split()[1]
    with guarded('alice') as (files, exporter), Cases() as cases:
        for value in ('', 'Basic', 'Basic ', 'Basic =', 'Basic ====',
                      'Basic ' + good[:-1], 'Basic ' + good + '=',
                      'Basic ' + good + 'AAAA', 'Basic =' + good[1:],
                      'Basic ' + good + ' x', 'Basic\t' + good,
                      'Basic' + good, 'Bearer ' + good, good,
                      'Basic alice:wonderland', 'Basic YWxpY2U=',
                      'Basic Og==', 'Basic ' + '!' * 8, 'Basic \x80\xff',
                      'Basic ' + good.replace('=', '-'),
                      'Basic ' + base64.b64encode(
                          b'\xff\xfe:\xff\x00\xff').decode(),
                      'Basic ' + base64.b64encode(b'\xff:\xfe').decode(),
                      'Basic ' + 'A' * 7000, 'Basic ' + 'A' * 7001,
                      'Digest username="alice"', 'Basic,' + good):
            with cases.row(value[:40]):
                check_refused(exporter.ask(
                    '/', headers={'Authorization': value}))
        for value in ('basic ' + good, 'BASIC ' + good, 'Basic   ' + good):
            with cases.row(value):
                answer = exporter.ask('/', headers={'Authorization': value})
                assert answer.status == 200, answer.status
        assert exporter.ask('/', headers=right('alice')).status == 200


@test
def a_flood_of_wrong_passwords_does_not_stop_who_is_known():
    with guarded('alice', 'costly') as (files, exporter), \
            contextlib.ExitStack() as stack:
        assert exporter.ask('/', headers=right('costly')).status == 200
        socks = post_all(exporter.addresses[0], '/probe', [
            authorization(user, 'wrong%d' % i)
            # Who is unknown must not be told apart by the time that takes.
            for i, user in enumerate(('costly', 'unknown') * (FLOOD // 2))],
            stack)
        for again in range(3):
            answer = exporter.ask('/', headers=right('costly'))
            assert answer.status == 200, answer.status
        answered, _, _ = select.select(socks, [], [], 0)
        assert len(answered) < FLOOD, 'the flood is over already'
        answers = [read_answer(sock) for sock in socks]
        full = [a for a in answers if a.status == 503]
        assert full, 'all were taken'
        for answer in full:
            answer.check_manners('GET')
            assert int(answer.header('Retry-After')) > 0, answer.headers
        for answer in answers:
            if answer.status != 503:
                check_refused(answer)
        # Afterwards the others are welcome again.
        assert exporter.ask('/', headers=right('alice')).status == 200
        # It was not the probe that was refused.
        page = exporter.page('/metrics', headers=right('alice'))
        assert page.value('coda56_exporter_probes_rejected_total',
                          reason='overloaded') == '0'


@test
def a_crowd_at_one_address_keeps_nobody_at_another_waiting():
    need_two_threads()
    with guarded('alice', 'costly') as (files, exporter), \
            contextlib.ExitStack() as stack:
        address = exporter.addresses[0]
        socks = post_all(address, '/', [
            authorization('costly', 'wrong%d' % i) for i in range(FLOOD)],
            stack)
        # Answered at once; so those before it have been read.
        check_refused(exporter.ask('/'))
        sock = stack.enter_context(socket.create_connection(
            address, PATIENCE, (loopback_address(), 0)))
        sock.sendall(request_bytes(address, '/', headers=right('alice')))
        assert read_answer(sock).status == 200
        answered, _, _ = select.select(socks, [], [], 0)
        checked = sum(read_answer(sock).status == 401 for sock in answered)
        assert checked < 10, 'waited for %d checks' % checked


@test
def who_comes_again_and_again_keeps_nobody_waiting():
    need_two_threads()
    with guarded('alice', 'costly') as (files, exporter), \
            contextlib.ExitStack() as stack:
        address = exporter.addresses[0]
        over, refused = threading.Event(), collections.Counter()

        def guess(place):
            """One wrong password after the other, on one connection."""
            with socket.create_connection(address, PATIENCE,
                                          (place, 0)) as sock:
                stream = sock.makefile('rb')
                while not over.is_set():
                    refused[place] += 1
                    sock.sendall(request_bytes(
                        address, '/', close=False, headers=authorization(
                            'costly', 'wrong%d' % refused[place])))
                    assert read_one(stream).status == 401

        places = [loopback_address() for i in range(3)]
        guesses = [exporter.later(guess, place) for place in places]
        try:
            wait_until(lambda: len(refused) == len(places) and
                       min(refused.values()) > 1, 'guesses')
            before = sum(refused.values())
            socks = post_all(address, '/', [
                authorization('costly', 'mistyped'), right('alice')], stack)
            assert [read_answer(sock).status for sock in socks] == [401, 200]
            waited = sum(refused.values()) - before
            assert waited < 20, 'waited for %d guesses' % waited
        finally:
            over.set()
        for guess in guesses:
            guess.result(PATIENCE)


@test
def one_address_may_be_that_of_many():
    # A reverse proxy's, that is; nobody else is there.
    with guarded(*USERS) as (files, exporter), \
            contextlib.ExitStack() as stack:
        headers = [authorization('alice', 'wrong%d' % i) for i in range(20)]
        headers += [right(user) for user in USERS]
        socks = post_all(exporter.addresses[0], '/-/healthy', headers, stack)
        statuses = [read_answer(sock).status for sock in socks]
        assert statuses == [401] * 20 + [200] * len(USERS), statuses


@test
def who_is_unknown_takes_as_long_as_the_slowest():
    def took(user):
        def once(password):
            began = time.monotonic()
            check_refused(exporter.ask(
                '/', headers=authorization(user, password)))
            return time.monotonic() - began

        # A machine may be busy for a moment.
        return min(once('wrong%d' % i) for i in range(2))

    # Their costs are 4, 12 and 9: the first takes 1/256 of the second.
    with guarded('alice', 'older', 'costly') as (files, exporter):
        assert took('unknown') > took('older') / 8


@test
def who_is_known_need_not_wait_for_who_is_not():
    need_two_threads()
    with guarded('alice', 'older') as (files, exporter):
        assert exporter.ask('/', headers=right('alice')).status == 200
        pending = [exporter.later(exporter.ask, '/', headers=authorization(
            'older', 'wrong%d' % i)) for i in range(4)]
        assert exporter.ask('/', headers=right('alice')).status == 200
        assert exporter.ask('/').status == 401
        assert not all(p.done() for p in pending)
        for p in pending:
            check_refused(p.result(PATIENCE))


@test
def the_same_password_is_checked_once_for_all_who_send_it():
    with guarded('costly') as (files, exporter), \
            contextlib.ExitStack() as stack:
        socks = post_all(exporter.addresses[0], '/-/healthy',
                         [right('costly')] * (2 * FLOOD), stack)
        for sock in socks:
            assert read_answer(sock).status == 200


@test
def a_connection_is_asked_each_time():
    with guarded('alice') as (files, exporter):
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock:
            for headers in (right('alice'), None):
                sock.sendall(request_bytes(address, '/-/healthy',
                                           headers=headers,
                                           close=headers is None))
            answers = read_all(sock, PATIENCE)
        assert answers.startswith(b'HTTP/1.1 200 '), answers
        assert b'HTTP/1.1 401 ' in answers, answers


@test
def a_check_that_runs_is_answered_before_the_end():
    with guarded('older') as (files, exporter), \
            contextlib.ExitStack() as stack:
        wrong, good = post_all(
            exporter.addresses[0], '/-/healthy',
            [authorization('older', 'wrong'), right('older')], stack)
        # Answered at once; so those before it have been read.
        check_refused(exporter.ask('/'))
        exporter.process.terminate()
        check_refused(read_answer(wrong))
        assert read_answer(good).status == 200
        assert exporter.wait_exit() == 0


@test
def clients_that_leave_are_not_missed():
    with guarded('older') as (files, exporter):
        for again in range(2):
            with contextlib.ExitStack() as stack:
                post_all(exporter.addresses[0], '/-/healthy',
                         [authorization('older', 'wrong%d' % i)
                          for i in range(3)], stack)
            check_refused(exporter.ask('/'))
        exporter.process.terminate()
        assert exporter.wait_exit() == 0


@test
def neither_passwords_nor_hashes_are_logged():
    with Directory() as files, Exporter(
            files.config(users('alice', 'costly')),
            '--log.level=debug') as exporter:
        for headers in (right('alice'), authorization('costly', 'wrong'),
                        authorization('nobody', 'queen-of-hearts')):
            exporter.ask('/metrics', headers=headers)
        files.config(users('alice') + '  bad: plain-text-password\n')
        wait_until(lambda: exporter.ask('/') and any(
            e['level'] == 'error' for e in exporter.events()),
            'the error is to be logged')
        log = '\n'.join(exporter.lines('stderr'))
        assert "password of 'bad'" in log, log
        for secret in ('wonderland', 'wrong', 'queen', 'plain-text', '$2',
                       right('alice')['Authorization'].split()[1]):
            assert secret not in log, log


@test
def users_are_read_again_when_their_file_changes():
    def status(headers):
        return exporter.ask('/', headers=headers).status

    twin = authorization('twin', USERS['alice'][0])
    with Directory() as files, Exporter(files.config(
            users('alice', 'costly') +
            '  twin: %s\n' % USERS['alice'][1])) as exporter:
        for headers in (right('alice'), right('costly'), twin):
            assert status(headers) == 200
        files.config(users('alice'))
        wait_until(lambda: status(right('costly')) == 401,
                   'a user is to be gone')
        assert status(twin) == 401
        assert status(right('alice')) == 200
        # What is broken, or would open the door to all, changes nothing.
        for number, text in enumerate(('basic_auth_users: [', ''), 1):
            files.config(text)
            wait_until(lambda: status(None) == 401 and sum(
                e['level'] == 'error' for e in exporter.events()) == number,
                'complaint %d' % number)
            assert status(right('alice')) == 200
        files.config('basic_auth_users: {alice: %s}\n' % NEW_HASH)
        wait_until(lambda: status(right('alice')) == 401,
                   'the old password is to be wrong')
        assert status(authorization('alice', 'new')) == 200


@test
def a_rate_limit_holds():
    with Directory() as files, Exporter(files.config(
            'rate_limit: {interval: 1h, burst: 3}\n')) as exporter:
        for again in range(3):
            assert exporter.ask('/-/healthy').status == 200
        for again in range(2):
            answer = exporter.ask('/-/healthy')
            assert answer.status == 429, answer.status
            assert answer.header('Retry-After'), answer.headers
    with Directory() as files, Exporter(files.config(
            'rate_limit: {interval: 50ms, burst: 1}\n')) as exporter:
        for again in range(2):
            wait_until(lambda: exporter.ask('/').status == 200,
                       'time is to let somebody in')


if __name__ == '__main__':
    main()
