#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reader of metrics that the other tests rely on refuses what it must."""

import exposition
from harness import Cases, main, test

GOOD = '''\
# HELP a_info What a is, with a \\\\ and a \\n.
# TYPE a_info gauge
a_info{text="x\\"y\\\\z\\n",empty=""} 1
# HELP b_total How many b.
# TYPE b_total counter
b_total{n="1"} 231776217533
b_total{n="2"} 0.5
# HELP c Some c.
# TYPE c gauge
c -5.200001
# HELP d How long.
# TYPE d histogram
d_bucket{le="0.5"} 1
d_bucket{le="+Inf"} 2
d_sum 1.25
d_count 2
'''

# name: (what is replaced in the good page, by what)
BAD = {
    'no newline at the end': ('d_count 2\n', 'd_count 2'),
    'carriage return': ('c -5.200001\n', 'c -5.200001\r\n'),
    'carriage return before labels': ('a_info{', 'a_info\r{'),
    'tab between labels': ('",empty', '",\tempty'),
    'blank line': ('# HELP c', '\n# HELP c'),
    'other comment': ('# HELP c', '# so\n# HELP c'),
    'two blanks': ('c -5.2', 'c  -5.2'),
    'blank at the end': ('-5.200001\n', '-5.200001 \n'),
    'timestamp': ('-5.200001\n', '-5.200001 1700000000000\n'),
    'HELP without text': ('# HELP c Some c.', '# HELP c '),
    'HELP with another escape': ('Some c.', 'Some \\c.'),
    'no HELP': ('# HELP c Some c.\n', ''),
    'no TYPE': ('# TYPE c gauge\n', ''),
    'TYPE before HELP': ('# HELP c Some c.\n# TYPE c gauge\n',
                         '# TYPE c gauge\n# HELP c Some c.\n'),
    'TYPE twice': ('# TYPE c gauge\n', '# TYPE c gauge\n' * 2),
    'TYPE of another': ('# TYPE c gauge', '# TYPE x gauge'),
    'unknown TYPE': ('# TYPE c gauge', '# TYPE c info'),
    'family without a sample': ('c -5.200001\n', ''),
    'family twice': ('# HELP c Some c.\n# TYPE c gauge',
                     '# HELP a_info A.\n# TYPE a_info gauge'),
    'interleaved': ('c -5.200001\n', 'c -5.200001\nb_total{n="3"} 1\n'),
    'series twice': ('{n="2"}', '{n="1"}'),
    'label twice': ('{n="2"}', '{n="2",n="3"}'),
    'empty braces': ('c -5.2', 'c{} -5.2'),
    'trailing comma': ('{n="2"}', '{n="2",}'),
    'blank between labels': ('",empty', '", empty'),
    'unknown escape': ('x\\"y', 'x\\ty'),
    'bare quote': ('x\\"y', 'x"y'),
    'exponent': ('231776217533', '2.31776217533e+11'),
    'plus sign': ('0.5', '+0.5'),
    'trailing zero': ('-5.200001', '-5.20'),
    'leading zero': ('-5.200001', '05'),
    'point without digits': ('-5.200001', '5.'),
    'digits after the point alone': ('-5.200001', '.5'),
    'negative zero': ('-5.200001', '-0'),
    'NaN': ('-5.200001', 'NaN'),
    'infinity': ('-5.200001', '+Inf'),
    'negative counter': ('231776217533', '-1'),
    'info of 2': ('empty=""} 1', 'empty=""} 2'),
    'counter without _total': ('b_total', 'b'),
    'gauge with _total': ('TYPE b_total counter', 'TYPE b_total gauge'),
    'gauge beside its counter': ('# HELP c Some c.\n# TYPE c gauge\nc ',
                                 '# HELP b Some.\n# TYPE b gauge\nb '),
    'falling buckets': ('le="0.5"} 1', 'le="0.5"} 3'),
    'no last bucket': ('d_bucket{le="+Inf"} 2\n', ''),
    'count beside its buckets': ('d_count 2', 'd_count 3'),
}


@test
def a_good_page_is_read():
    page = exposition.Page(GOOD)
    assert page.labels('a_info') == {'text': 'x"y\\z\n', 'empty': ''}
    assert page.families['a_info'].help == 'What a is, with a \\ and a \n.'
    assert page.value('b_total', n='1') == '231776217533'
    assert page.value('c') == '-5.200001'
    assert list(page.families) == ['a_info', 'b_total', 'c', 'd']


@test
def label_values_may_hold_anything():
    text = GOOD.replace('empty=""', 'empty="\r\t\v\u2028 # {}"')
    assert exposition.Page(text).labels('a_info')['empty'] == \
        '\r\t\v\u2028 # {}'


@test
def a_page_has_its_openmetrics():
    text = GOOD[:GOOD.index('# HELP d ')].replace('Some c.', 'A "c".') + \
        '# HELP d_seconds D.\n# TYPE d_seconds gauge\nd_seconds 1\n'
    assert exposition.as_openmetrics(text) == '''\
# TYPE a info
# HELP a What a is, with a \\\\ and a \\n.
a_info{text="x\\"y\\\\z\\n",empty=""} 1
# TYPE b counter
# HELP b How many b.
b_total{n="1"} 231776217533
b_total{n="2"} 0.5
# TYPE c gauge
# HELP c A \\"c\\".
c -5.200001
# TYPE d_seconds gauge
# UNIT d_seconds seconds
# HELP d_seconds D.
d_seconds 1
# EOF
'''


@test
def bad_pages_are_refused():
    with Cases() as cases:
        for name, (old, new) in BAD.items():
            with cases.row(name):
                text = GOOD.replace(old, new)
                assert text != GOOD, 'the row changes nothing'
                try:
                    exposition.Page(text)
                except exposition.Malformed:
                    continue
                raise AssertionError('accepted')


if __name__ == '__main__':
    main()
