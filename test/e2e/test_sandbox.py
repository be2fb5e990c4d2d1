#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the running process has given up, as the kernel sees it."""

import os
import re

from harness import Exporter, Skip, main, test, wrapper

STATUS = '/proc/%d/status'


def status(exporter):
    with open(STATUS % exporter.process.pid) as file:
        return dict(re.findall(r'^(\w+):\s*(\S+)', file.read(), re.M))


def need_linux():
    if wrapper():
        raise Skip('the wrapper has system calls of its own')
    if not os.path.exists(STATUS % os.getpid()):
        raise Skip('needs /proc of Linux')
    with open(STATUS % os.getpid()) as file:
        if re.search(r'^Seccomp:\s*[12]', file.read(), re.M):
            raise Skip('runs under a filter of somebody else')


@test
def new_privileges_are_never_to_be_had():
    need_linux()
    with Exporter('--disable-sandbox') as exporter:
        exporter.wait_event(msg='sandbox')
        assert status(exporter)['NoNewPrivs'] == '1', status(exporter)


@test
def the_log_says_whether_calls_are_filtered():
    need_linux()
    for args in ((), ('--disable-sandbox',)):
        with Exporter(*args) as exporter:
            said = exporter.wait_event(msg='sandbox')
            calls, filtered = said['system_calls'], status(exporter)['Seccomp']
            assert (calls, filtered) in (('filtered', '2'), ('free', '0')), \
                (args, said, filtered)
            assert calls == 'free' or not args, said
            assert (calls == 'free') == ('why' in said), said
            assert said['level'] == 'info', said


@test
def it_is_filtered_before_it_answers_anybody():
    need_linux()
    with Exporter() as exporter:
        assert exporter.ask('/-/healthy').status == 200
        said = exporter.wait_event(msg='sandbox')
        assert status(exporter)['Seccomp'] == \
            ('2' if said['system_calls'] == 'filtered' else '0')


if __name__ == '__main__':
    main()
