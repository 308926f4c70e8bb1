import { describe, expect, test } from 'vitest';
import { openList } from '../../src/document/document.ts';
import type { Target } from '../../src/targets/target.ts';
import { dedent } from './dedent.ts';

const owner = { format: 'static_configs', job: 'federate' } as const;
const one: Target[] = [{ address: 'a.example.com.', labels: { clusterID: 'a' } }];

const write = (before: string, wanted = one) => openList(before, owner).write(wanted);

test("the article's example comes out letter for letter", () => {
  const before = dedent`
    rule_files:
      - /etc/config/rules
      - /etc/config/alerts

    scrape_configs:
      - job_name: 'federate'
        scrape_interval: 15s

        honor_labels: true
        metrics_path: '/federate'

        params:
          'match[]':
            - '{job="prometheus"}'
            - '{__name__=~"job:.*"}'

        static_configs:
          - targets:
            - 'prometheus-server:80'
    `;
  const wanted = [1, 2].map((n) => ({
    address: `prometheus${n}.example.com.`,
    labels: { clusterID: `cluster${n}` },
  }));
  const list = dedent`
        static_configs:
          - targets:
            - prometheus1.example.com.
            labels:
              clusterID: cluster1
          - targets:
            - prometheus2.example.com.
            labels:
              clusterID: cluster2
    `.replaceAll(/^(?=.)/gm, '    ');
  const [head] = before.split('    static_configs:');
  expect(write(before, wanted)).toBe(head + list);
  const emptied = before.replace(/(static_configs:)[\s\S]*/, '$1 []\n');
  expect(write(before, [])).toBe(emptied);
  expect(write(emptied, wanted)).toBe(head + list);
});

/** What stands there, and what stands there once the list says `one`. */
const CASES: Record<string, readonly [before: string, after: string]> = {
  'a comment after the key, and those before the first dash, stay': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs: # by hand
          # and with care
          - targets: [old]  # goes with its target
            # about the next
          - targets: [older]
          # what stands after the list stays
        # also this
        scheme: https
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs: # by hand
          # and with care
          - targets:
            - a.example.com.
            labels:
              clusterID: a
          # what stands after the list stays
        # also this
        scheme: https
      `,
  ],
  'dashes at the column of the key stay there': [
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - old
        scheme: https
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
        scheme: https
      `,
  ],
  'wide dashes and deep lists stay as they are': [
    dedent`
      scrape_configs:
          -   static_configs:
                  -   labels:
                          env: x
                      targets:
                          - old
              job_name: federate
      `,
    dedent`
      scrape_configs:
          -   static_configs:
                  -   targets:
                          - a.example.com.
                      labels:
                          clusterID: a
              job_name: federate
      `,
  ],
  'a missing list goes to the end of its job, in the style of another': [
    dedent`
      scrape_configs:
        - job_name: federate
          params:
            x: |
              text


        - job_name: other
          static_configs:
          - targets:
              - b
      global: {}
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          params:
            x: |
              text
          static_configs:
          - targets:
              - a.example.com.
            labels:
              clusterID: a


        - job_name: other
          static_configs:
          - targets:
              - b
      global: {}
      `,
  ],
  'a missing list goes after text that keeps its empty lines': [
    dedent`
      scrape_configs:
      - job_name: federate
        params: {}
        x: |+
          text

      # next
      - job_name: other
      `,
    dedent`
      scrape_configs:
      - job_name: federate
        params: {}
        x: |+
          text

        static_configs:
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      # next
      - job_name: other
      `,
  ],
  'a missing list goes after dashes without a value': [
    dedent`
      scrape_configs:
        - job_name: federate
          metric_relabel_configs:
            -
            -   # nothing
            # still of the job
        - job_name: other
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          metric_relabel_configs:
            -
            -   # nothing
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
            # still of the job
        - job_name: other
      `,
  ],
  'nothing, with a comment': [
    dedent`
      scrape_configs:
        - static_configs:   # to come
          # - targets: [x]
          job_name: federate
      `,
    dedent`
      scrape_configs:
        - static_configs:   # to come
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          # - targets: [x]
          job_name: federate
      `,
  ],
  'an empty list keeps the comment behind it': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [  # none

          ] # yet
          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: # yet
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          scheme: https
      `,
  ],
  'brackets and texts may stand further left than YAML wants': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [
          {targets: [
          "a # ]",
        b, # }
      ]}
          ] # end
          x: {
          }
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: # end
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          x: {
          }
      `,
  ],
  'null on a line of its own': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
              ~ # none
          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
              # none
              - targets:
                - a.example.com.
                labels:
                  clusterID: a
          scheme: https
      `,
  ],
  'a flow list in a block job becomes lines': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs: [{targets: ["]", '}', a#b], labels: {x: "\""}}]  # ] kept
          scheme: https`,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:  # ] kept
            - targets:
              - a.example.com.
              labels:
                clusterID: a
          scheme: https`,
  ],
  'a trailing dash without a value goes with the list': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets: [old]
            -
        - job_name: other
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
        - job_name: other
      `,
  ],
  'text that ends the list goes, the empty lines after it stay': [
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - |-
                old


          scheme: https
      `,
    dedent`
      scrape_configs:
        - job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a


          scheme: https
      `,
  ],
  'a tag and an escaped key stay': [
    dedent`
      %YAML 1.2
      ---
      "scrape\x5fconfigs": !!seq
      - "job\u005fname": 'federate'
        'static_configs': !!seq  # of groups
        - targets: [old]
      ...
      `,
    dedent`
      %YAML 1.2
      ---
      "scrape\x5fconfigs": !!seq
      - "job\u005fname": 'federate'
        'static_configs': !!seq  # of groups
        - targets:
          - a.example.com.
          labels:
            clusterID: a
      ...
      `,
  ],
  'aliases inside the list, and anchors and merge keys elsewhere': [
    dedent`
      x-common: &common {env: prod}
      scrape_configs:
        - &first
          job_name: other
          static_configs: &b [{targets: [b]}]
        - <<: [*common]
          job_name: federate
          static_configs:
            - &group
              targets: [old]
              labels: {<<: *common}
            - *group
        - job_name: third
          static_configs: *b
        - <<: *first
          job_name: fourth
      `,
    dedent`
      x-common: &common {env: prod}
      scrape_configs:
        - &first
          job_name: other
          static_configs: &b [{targets: [b]}]
        - <<: [*common]
          job_name: federate
          static_configs:
            - targets:
              - a.example.com.
              labels:
                clusterID: a
        - job_name: third
          static_configs: *b
        - <<: *first
          job_name: fourth
      `,
  ],
  'a job between brackets, on one line': [
    'scrape_configs: [{job_name: federate, static_configs: [{targets: [old]}], x: }]\n',
    'scrape_configs: [{job_name: federate, static_configs: [{targets: [a.example.com.], labels: {clusterID: a}}], x: }]\n',
  ],
  'a job between brackets, without the list': [
    'scrape_configs: [{x: , "job_name": "federate",}]\n',
    'scrape_configs: [{x: , "job_name": "federate", "static_configs": [{"targets": ["a.example.com."], "labels": {"clusterID": "a"}}],}]\n',
  ],
  'a job between brackets, the list empty': [
    'scrape_configs: [{static_configs: , job_name: federate}]',
    'scrape_configs: [{static_configs: [{targets: [a.example.com.], labels: {clusterID: a}}], job_name: federate}]',
  ],
  'a job between brackets, in lines': [
    dedent`
      scrape_configs:
        - {
            job_name: federate, # first
            static_configs: [], # second
          }
      `,
    dedent`
      scrape_configs:
        - {
            job_name: federate, # first
            static_configs: [
                {targets: [a.example.com.], labels: {clusterID: a}}
            ], # second
          }
      `,
  ],
};

describe('the list is replaced, and nothing else', () => {
  test.each(Object.entries(CASES))('%s', (_, [before, after]) => {
    expect(write(before)).toBe(after);
    expect(write(after)).toBe(after);
    const windows = before.replaceAll('\n', '\r\n');
    expect(write(windows)).toBe(after.replaceAll('\n', '\r\n'));
    expect(write(`\ufeff${before}`)).toBe(`\ufeff${after}`);
    const unfinished = after.replace(/\n$/, '');
    expect(write(unfinished, [])).toBe(write(after, []).replace(/\n$/, ''));
    expect(openList(write(write(unfinished, [])), owner).targets).toEqual(one);
  });
});

describe('an empty list', () => {
  const lines = dedent`
    scrape_configs:
      - job_name: federate
        static_configs: # kept
        - targets: [old] # goes
        scheme: https
    `;

  test('stands on the line of its key, and grows again from there', () => {
    const emptied = write(lines, []);
    expect(emptied).toBe(lines.replace(/: # kept\n.*/, ': [] # kept'));
    expect(write(emptied)).toMatch(/: # kept\n {6}- targets:\n {8}- a\.example/);
  });

  test('stands behind the comments that have lines of their own', () => {
    const commented = lines.replace('kept\n', 'kept\n    # about\n');
    const emptied = write(commented, []);
    expect(emptied).toBe(commented.replace(/ {4}- .*/, '      []'));
    expect(write(emptied)).toMatch(/# about\n {6}- targets:\n {8}- a\.example/);
  });

  test('is the same as none, null, or nothing', () => {
    for (const value of ['', ' []', ' null', ' ~', ' # none', ' [\n]']) {
      const text = `scrape_configs: [{job_name: x}]\ny: 1\n`;
      expect(openList(text, { ...owner, job: 'x' }).write([])).toBe(text);
      const held = lines.replace(/ # kept\n.*/, value);
      expect(write(held, [])).toBe(held);
    }
  });
});

test('JSON stays JSON, in its own indentation', () => {
  for (const indent of [0, 2, 3, 4, '\t']) {
    const labels = { ['__proto__']: 'x', clusterID: 'ü\u2028\u007f"\\' };
    const wanted = [
      { address: 'a:80', labels },
      { address: 'b', labels: {} },
    ];
    const groups = [{ targets: ['a:80'], labels }, { targets: ['b'] }];
    const document = (list: unknown) =>
      `${JSON.stringify({ scrape_configs: [{ job_name: 'federate', ...(list as object), y: {} }] }, null, indent)}\n`;
    for (const before of [{}, { static_configs: [] }, { static_configs: [{ targets: ['old'] }] }]) {
      const written = write(document(before), wanted);
      expect(JSON.parse(written)).toEqual(JSON.parse(document({ static_configs: groups })));
      if (indent !== 0) {
        const escaped = document({ static_configs: groups }).replace(
          '\u2028\u007f',
          '\\u2028\\u007f',
        );
        expect(written).toBe(escaped);
      }
    }
  }
});

test('a bare list of scrape configs is edited like the one in a prometheus.yml', () => {
  const before = '- job_name: other\n- job_name: federate\n  static_configs:\n  - targets: [old]\n';
  const list = openList(before, { format: 'scrape_configs', job: 'federate' });
  expect(list.targets).toEqual([{ address: 'old', labels: {} }]);
  expect(list.write(one)).toBe(
    '- job_name: other\n- job_name: federate\n  static_configs:\n  - targets:\n    - a.example.com.\n    labels:\n      clusterID: a\n',
  );
});

test('line breaks are those of the lines around', () => {
  const mac = 'scrape_configs:\r- job_name: federate\r  static_configs: []\r';
  expect(write(mac)).toBe(
    'scrape_configs:\r- job_name: federate\r  static_configs:\r  - targets:\r    - a.example.com.\r    labels:\r      clusterID: a\r',
  );
});
