# SPDX-License-Identifier: MIT
"""Chromium by way of chromedriver: https://www.w3.org/TR/webdriver2/."""

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

from harness import PATIENCE, Program, Skip, wait_until

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'


class Driver(Program):
    def look_back(self):
        pass


class Browser:
    """A browser of its own, without a window; `args` are chromium's."""

    def __init__(self, *args):
        self._args = args
        if not shutil.which('chromium') or not shutil.which('chromedriver'):
            raise Skip('chromium or chromedriver is missing (packages '
                       'chromium and chromium-driver)')

    def __enter__(self):
        self._home = tempfile.TemporaryDirectory()
        self._driver = Driver(['chromedriver', '--port=0'],
                              environ={'HOME': self._home.name})
        self._driver.expected = -15
        self._driver.start()
        try:
            port = self._driver.wait_line(
                'stdout', lambda line: re.search(r' on port (\d+)\.', line),
                'its port')[0].group(1)
            self._url = 'http://127.0.0.1:%s/session' % port
            # No question of its own leaves the machine.
            made = self._call('', {'capabilities': {'alwaysMatch': {
                'goog:loggingPrefs': {'browser': 'ALL'},
                'goog:chromeOptions': {'args': [
                    '--headless', '--no-sandbox', '--disable-gpu',
                    '--disable-dev-shm-usage', '--no-proxy-server',
                    '--disable-background-networking', '--no-first-run',
                    '--disable-component-update',
                    '--host-resolver-rules=MAP * ~NOTFOUND, '
                    'EXCLUDE 127.0.0.1',
                    '--user-data-dir=' + self._home.name,
                    *self._args]}}}})
        except BaseException as why:
            self.end()
            if isinstance(why, OSError):
                raise Skip('chromium does not start here: %s' % why)
            raise
        self._url += '/' + made['sessionId']
        return self

    def __exit__(self, kind, error, trace):
        try:
            self._call('', method='DELETE')
        finally:
            self.end()

    def end(self):
        self._driver.process.terminate()
        self._driver.wait_exit()
        self._driver.process.stdin.close()
        self._home.cleanup()

    def _call(self, path, body=None, method=None):
        request = urllib.request.Request(
            self._url + path,
            None if body is None else json.dumps(body).encode(),
            {'Content-Type': 'application/json'}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=3 * PATIENCE) as answer:
            return json.load(answer)['value']

    def go(self, url):
        self._call('/url', {'url': url})

    def url(self):
        return self._call('/url')

    def run(self, script, *args):
        """What a function's body returns in the page."""
        return self._call('/execute/sync', {'script': script,
                                            'args': list(args)})

    def wait_for(self, script):
        """What a promise comes to."""
        return self._call('/execute/async', {
            'script': 'const done = arguments[0]; (%s).then(done, '
            'why => done("failed: " + why))' % script, 'args': []})

    def find(self, selector, how='css selector'):
        return self._call('/element', {'using': how,
                                       'value': selector})[ELEMENT]

    def click(self, selector, how='css selector'):
        self._call('/element/%s/click' % self.find(selector, how), {})

    def type(self, selector, text):
        element = self.find(selector)
        self._call('/element/%s/clear' % element, {})
        self._call('/element/%s/value' % element, {'text': text})

    def press(self, *keys):
        self._call('/actions', {'actions': [{
            'type': 'key', 'id': 'keys', 'actions': [
                {'type': kind, 'value': key}
                for key in keys for kind in ('keyDown', 'keyUp')]}]})

    def text(self):
        return self.run('return document.body.innerText')

    def wait_text(self, part):
        """Until a page has this: a click need not wait for the next one."""
        def seen():
            with contextlib.suppress(urllib.error.HTTPError):
                return part in self.text()

        wait_until(seen, part)

    def resize(self, width, height):
        self.devtools('Emulation.setDeviceMetricsOverride', width=width,
                      height=height, deviceScaleFactor=1, mobile=width < 600)

    def devtools(self, command, **parameters):
        return self._call('/goog/cdp/execute', {'cmd': command,
                                                'params': parameters})

    def complaints(self):
        """What the console has, such as what the page's policy refused."""
        return [row['message'] for row in self._call(
            '/se/log', {'type': 'browser'})]
