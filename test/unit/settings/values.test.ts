import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../src/fault.ts';
import { checkSettings } from '../../../src/settings/parse.ts';

type Path = readonly (string | number)[];

/** Valid settings except for one value. */
function settingsWith(path: Path, value: unknown): unknown {
  const settings = {
    ...(path[1] === 'eks' && { cluster: { eks: { name: 'central' } } }),
    jobs: [
      {
        job: 'federate',
        from: [path.at(-1) === 'records' ? {} : { zone: 'Z1' }],
        select: { name: 'x' },
        also: [{ targets: ['a:80'] }],
        to: [{ configMap: { namespace: 'a', name: 'b', key: 'c' } }],
      },
    ],
  };
  return changed(settings, path, value);
}

function changed(it: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const inner = changed((it as Record<string | number, unknown> | undefined)?.[key], rest, value);
  if (typeof key === 'string') return { ...(it as object), [key]: inner };
  return [...((it as unknown[] | undefined) ?? []).slice(0, key), inner];
}

const expectedOf = (path: Path, value: unknown): string | undefined => {
  try {
    checkSettings(settingsWith(path, value), 'f', '/');
    return undefined;
  } catch (error) {
    return (error as Fault).message.replace(/^.*; expected /, '');
  }
};

const job: Path = ['jobs', 0];
const from: Path = [...job, 'from', 0];
const place: Path = [...job, 'to', 0];
const eks: Path = ['cluster', 'eks'];
const long = 'a'.repeat(63);
const LABEL = 'a label name: letters, digits and _, not starting with a digit';
const REMOVED = 'a percentage such as 20%, or a whole number';
const ROLE = 'a role ARN, such as arn:aws:iam::111122223333:role/reader';

/** A value's path, what is taken there, what is refused, and in which words. */
const VALUES: readonly [path: Path, good: unknown[], bad: unknown[], expected: string][] = [
  [['jobs'], [], [{}, 'x', null], 'a list of jobs'],
  [['jobs'], [], [[]], 'at least one job'],
  [
    [...job, 'name'],
    ['a', "the team's: #1"],
    ['', ' a', ',', 'a,b', 'a\nb', 5],
    'a name without commas',
  ],
  [[...job, 'job'], ['a b'], ['', 5, null], 'the job_name of a scrape config'],
  [[...job, 'from'], [], [{}, 'Z1', null], 'a list of sources, each a zone or a records file'],
  [[...job, 'from'], [], [[]], 'at least one source'],
  [
    [...from, 'zone'],
    ['Z1', '/hostedzone/Z1', 'Z'.repeat(32)],
    ['', 'Z 1', 'hostedzone/Z1', 'x/hostedzone/Z1', 'Z1/', 'Z'.repeat(33), 5],
    'a hosted zone id, such as Z08214473FVAJ9QTLWTEC',
  ],
  [[...from, 'public'], [true, false], ['yes', 1], 'true or false'],
  [
    [...from, 'roleArn'],
    [
      'arn:aws:iam::111122223333:role/reader',
      'arn:aws-us-gov:iam::111122223333:role/path/to/reader',
    ],
    [
      'reader',
      'x arn:aws:iam::111122223333:role/reader',
      'arn:aws:iam::111122223333:role/a b',
      'arn:aws:iam::11112222333:role/reader',
      'arn:aws:iam::111122223333:user/reader',
    ],
    ROLE,
  ],
  [[...from, 'records'], ['zone.json'], ['', 5], 'the path of an export of record sets'],
  [
    [...job, 'select', 'types'],
    [['A'], ['TYPE65']],
    ['A', {}],
    'a list of record types, such as [A, AAAA, CNAME]',
  ],
  [[...job, 'select', 'types'], [], [[]], 'at least one record type'],
  [
    [...job, 'select', 'types', 0],
    [],
    ['a', 'Aa', 'aA', 'A B', '', 5],
    'a record type in uppercase, such as CNAME',
  ],
  [[...job, 'select', 'name'], ['', 'a|b'], [5, null], 'a regular expression'],
  [[...job, 'select', 'exclude'], [[], ['a']], ['a', {}], 'a list of regular expressions'],
  [[...job, 'target'], ['{name}', 'x'], ['', 5], "a template, such as '{name}' or '{host}:9090'"],
  [
    [...job, 'labels'],
    [{}, { a: 'b', _A9: '{label}', __proto: 'x', __proto__x: 'y' }],
    ['a', []],
    'a mapping of label names to text',
  ],
  [[...job, 'labels', 'a'], ['b'], ['', 5, null], "text or a template, such as '{label}'"],
  [[...job, 'labels'], [], [{ '1a': 'b' }, { 'a-b': 'c' }, { é: 'c' }], LABEL],
  [[...job, 'also'], [[]], [{}, 'a:80'], 'a list of {targets, labels}'],
  [[...job, 'also', 0, 'targets'], [['a:80']], ['a:80', {}], 'a list of targets'],
  [[...job, 'also', 0, 'targets'], [], [[]], 'at least one target'],
  [[...job, 'also', 0, 'targets', 0], [], [5, null], 'a target, such as host:9090'],
  [
    [...job, 'guard', 'maxRemoved'],
    [0, 5, '0%', '9%', '20%', '100%'],
    [-1, 1.5, '5', '%', '101%', '20%!', 'a20%', '120%'],
    REMOVED,
  ],
  [
    [...job, 'guard', 'minTargets'],
    [0, 7],
    [-1, 1.5, '1'],
    'a whole number; 0 allows an empty list',
  ],
  [[...job, 'guard', 'adopt'], ['refuse', 'replace'], ['', 'no', true], 'refuse or replace'],
  [[...job, 'to'], [], [5, 'x', null], 'a place, or a list of places'],
  [[...job, 'to'], [], [[]], 'at least one place'],
  [
    [...place, 'configMap', 'namespace'],
    ['a', 'a-1', long],
    ['', 'A', '-a', 'a-', 'a.b', 'a b', `${long}a`],
    'a namespace: lowercase letters, digits and -',
  ],
  [
    [...place, 'configMap', 'name'],
    ['a', 'a-1.b', 'a'.repeat(253)],
    ['', 'A', '-a', 'a-', '.a', 'a.', 'a b', 'a'.repeat(254)],
    'an object name: lowercase letters, digits, - and .',
  ],
  [
    [...place, 'configMap', 'key'],
    ['prometheus.yml', '_A-1', 'a'.repeat(253)],
    ['', 'a b', 'a/b', ' a', 'a'.repeat(254)],
    'a key of the object, such as prometheus.yml',
  ],
  [
    [...place, 'format'],
    ['static_configs', 'scrape_configs', 'file_sd', 'thanos_endpoints'],
    ['', 'yaml'],
    'one of: static_configs, file_sd, scrape_configs, thanos_endpoints',
  ],
  [[...place, 'create'], [false], ['no', 0], 'true or false'],
  [
    [...place, 'prometheus'],
    ['http://a', 'https://a.example.com:9090/prometheus'],
    ['a:9090', 'x http://a', 'http:///x', 'http:// a', 'ftp://a'],
    'the URL of a Prometheus server',
  ],
  [
    [...eks, 'name'],
    ['a', 'Central_1-b', 'a'.repeat(100)],
    ['', '-a', 'a b', 'a.b', 'a'.repeat(101)],
    'an EKS cluster name: letters, digits, - and _',
  ],
  [
    [...eks, 'region'],
    ['eu-west-1', 'us-gov-east-1', 'ap-southeast-12'],
    ['eu-west', 'euw-west-1', 'xeu-west-1', 'eu-west-1a', 'EU-west-1', 'eu--1'],
    'a Region, such as eu-west-1',
  ],
  [
    [...eks, 'endpoint'],
    ['https://a', 'https://a.example.com:443/'],
    ['http://a', 'x https://a', 'https://a/b', 'https://', 'https://a b'],
    "the API server's URL, with https",
  ],
  [
    [...eks, 'certificateAuthority'],
    ['LS0t', 'LS0t\n+/==\n', '-----BEGIN CERTIFICATE-----\n…'],
    ['', '…', 'LS0t-', '…LS0t'],
    'a certificate authority as PEM, or PEM in base64',
  ],
  [['cluster', 'kubeconfig', 'path'], ['a'], ['', 5], 'the path of a kubeconfig'],
  [['cluster', 'kubeconfig', 'context'], ['a'], ['', 5], 'a context in the kubeconfig'],
  [['cluster', 'inCluster'], [], [false, 'yes'], 'true'],
];

describe.each(VALUES.map(([path, ...rest]) => [path.join('.'), path, ...rest] as const))(
  '%s',
  (_, path, good, bad, expected) => {
    test.each(good.map((value) => [value]))('may be %j', (value) => {
      expect(expectedOf(path, value)).toBeUndefined();
    });

    test.each(bad.map((value) => [value]))(`is not %j: ${expected}`, (value) => {
      expect(expectedOf(path, value)).toBe(expected);
    });
  },
);
