#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command that asks whether an exporter is there."""

import socket

from harness import Exporter, call, main, test
from webfiles import Directory, TLS, users


def url_of(exporter, scheme='http', path=''):
    return '%s://%s:%d%s' % (scheme, *exporter.addresses[0], path)


def healthcheck(*args):
    status, out, err = call('healthcheck', *args)
    assert out == '', out
    assert (status == 0) == (err == ''), (status, err)
    return status, err


@test
def an_exporter_that_is_there_is_healthy():
    with Exporter() as exporter, \
            Exporter('--web.route-prefix=/modems') as below:
        assert healthcheck(url_of(exporter))[0] == 0
        assert healthcheck(url_of(exporter, path='/'))[0] == 0
        assert healthcheck(url_of(below, path='/modems/-/healthy'))[0] == 0


@test
def over_tls_and_in_front_of_a_password_it_is_there_too():
    with Directory() as files:
        files.certificate('server')
        with Exporter(files.config(TLS + users('alice')),
                      tls=files.client('server')) as exporter:
            assert healthcheck(url_of(exporter, 'https'))[0] == 0
            status, err = healthcheck(url_of(exporter))
            assert status == 1 and 'nobody answers' in err, err


@test
def any_other_answer_is_not_healthy():
    with Exporter() as exporter:
        status, err = healthcheck(url_of(exporter, path='/nosuch'))
        assert status == 1 and '404' in err, err


@test
def nobody_is_not_healthy():
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
        for scheme in 'http', 'https':
            status, err = healthcheck('%s://127.0.0.1:%d' % (scheme, port))
            assert status == 1 and 'nobody answers' in err, err


@test
def who_never_answers_is_not_waited_for():
    with socket.socket() as silent:
        silent.bind(('127.0.0.1', 0))
        silent.listen()
        status, err = healthcheck('http://127.0.0.1:%d' %
                                  silent.getsockname()[1])
        assert status == 1 and 'in time' in err, (status, err)


@test
def what_is_no_url_is_refused():
    for url in '', 'localhost:8000', 'ftp://127.0.0.1/', 'http://', '--help', \
            'http://127.0.0.1/probe?target=x':
        status, err = healthcheck(url)
        assert status == 2 and 'http://127.0.0.1:8000' in err, (url, err)
    assert healthcheck('http://127.0.0.1:1', '--bogus')[0] == 2


if __name__ == '__main__':
    main()
