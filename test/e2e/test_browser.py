#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pages in a browser: from the form to the modem, its metrics and log."""

import os

from browser import Browser
from harness import Cases, Exporter, Sim, Skip, main, test

# After `npm install --prefix build/npm axe-core` in the source tree.
AXE = os.path.join(os.path.dirname(__file__), '../../build/npm/node_modules',
                   'axe-core/axe.min.js')
TAB, ENTER = '\ue004', '\ue007'
LINK = 'partial link text'


def front(exporter):
    return 'http://127.0.0.1:%d/' % exporter.addresses[0][1]


@test
def a_target_is_typed_and_followed():
    with Sim() as sim, Exporter() as exporter, Browser() as browser:
        browser.go(front(exporter))
        browser.type('input[name=target]', sim.http)
        browser.click('button.first')
        browser.wait_text('The line works')
        modem = browser.url()
        assert '/modem?target=' in modem, modem
        # The style is taken, though nothing else would be.
        assert browser.run('return getComputedStyle(document.querySelector('
                           '".verdict")).borderLeftWidth') == '6px'
        browser.click('Metrics', LINK)
        browser.wait_text('probe_success 1')
        browser.go(modem)
        browser.click('Log of the probe', LINK)
        browser.wait_text('dsinfo: read')
        browser.go(front(exporter))
        browser.click(sim.http, LINK)
        browser.wait_text('The line works')
        assert browser.complaints() == [], browser.complaints()


@test
def the_keyboard_is_enough():
    with Sim('--behave=refuse') as sim, Exporter() as exporter, \
            Browser() as browser:
        browser.go(front(exporter))
        browser.type('input[name=target]', sim.http)
        browser.press(TAB, TAB, ENTER)
        browser.wait_text('The probe failed: connect_refused')


@test
def nothing_is_wider_than_a_phone():
    with Sim() as sim, Exporter() as exporter, Browser() as browser:
        browser.resize(320, 640)
        for path in ('', 'modem?module=full&target=' + sim.http,
                     'modem?target=x'):
            browser.go(front(exporter) + path)
            assert browser.run('return document.documentElement.'
                               'scrollWidth') <= 320, path


@test
def axe_has_no_complaint():
    if not os.path.exists(AXE):
        raise Skip('axe-core is missing; npm install --prefix build/npm '
                   'axe-core')
    with open(AXE) as file:
        axe = file.read()
    with Sim() as sim, Sim('--behave=dsinfo,body=/dev/null') as sick, \
            Exporter() as exporter, Browser() as browser, Cases() as cases:
        sim_path = 'modem?module=full&target='
        for scheme, paths in (
                ('light', (sim_path + sim.http, sim_path + sick.http,
                           'modem?target=127.0.0.1:1', 'modem?target=x', '')),
                ('dark', (sim_path + sick.http, ''))):
            browser.devtools('Emulation.setEmulatedMedia', features=[
                {'name': 'prefers-color-scheme', 'value': scheme}])
            for path in paths:
                with cases.row('%s, %s' % (scheme, path)):
                    browser.go(front(exporter) + path)
                    # As a script of the page it would not be let run.
                    browser.run(axe)
                    found = browser.wait_for('axe.run()')
                    assert isinstance(found, dict), found
                    assert len(found['passes']) > 10, found['passes']
                    assert not found['violations'], [
                        (v['id'], [n['html'] for n in v['nodes']][:3])
                        for v in found['violations']]


if __name__ == '__main__':
    main()
