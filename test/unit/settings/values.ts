export type Path = readonly (string | number)[];

/** Valid settings except for one value. */
export function settingsWith(path: Path, value: unknown): unknown {
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

const job: Path = ['jobs', 0];
const from: Path = [...job, 'from', 0];
const place: Path = [...job, 'to', 0];
const eks: Path = ['cluster', 'eks'];
const long = 'a'.repeat(63);
/** A value's path, what is accepted there, and what is refused. */
export const VALUES: readonly [path: Path, good: unknown[], bad: unknown[]][] = [
  [['jobs'], [], [{}, 'x', null]],
  [['jobs'], [], [[]]],
  [
    [...job, 'name'],
    ['a', "the team's: #1"],
    ['', ' a', ',', 'a,b', 'a\nb', 5],
  ],
  [[...job, 'job'], ['a b'], ['', 5, null]],
  [[...job, 'from'], [], [{}, 'Z1', null]],
  [[...job, 'from'], [], [[]]],
  [
    [...from, 'zone'],
    ['Z1', '/hostedzone/Z1', 'Z'.repeat(32)],
    ['', 'Z 1', 'hostedzone/Z1', 'x/hostedzone/Z1', 'Z1/', 'Z'.repeat(33), 5],
  ],
  [
    [...from, 'public'],
    [true, false],
    ['yes', 1],
  ],
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
  ],
  [[...from, 'records'], ['zone.json'], ['', 5]],
  [
    [...job, 'select', 'types'],
    [['A'], ['TYPE65']],
    ['A', {}],
  ],
  [[...job, 'select', 'types'], [], [[]]],
  [[...job, 'select', 'types', 0], [], ['a', 'Aa', 'aA', 'A B', '', 5]],
  [
    [...job, 'select', 'name'],
    ['.', 'a|b'],
    ['', 5, null],
  ],
  [
    [...job, 'select', 'exclude'],
    [[], ['a']],
    ['a', {}],
  ],
  [
    [...job, 'target'],
    ['{name}', 'x'],
    ['', 5],
  ],
  [
    [...job, 'labels'],
    [{}, { a: 'b', _A9: '{label}', __proto: 'x', __scheme__: 'y' }],
    ['a', []],
  ],
  [[...job, 'labels', 'a'], ['b'], ['', 5, null]],
  [[...job, 'labels'], [], [{ '1a': 'b' }, { 'a-b': 'c' }, { é: 'c' }]],
  [[...job, 'also'], [[]], [{}, 'a:80']],
  [[...job, 'also', 0, 'targets'], [['a:80']], ['a:80', {}]],
  [[...job, 'also', 0, 'targets'], [], [[]]],
  [[...job, 'also', 0, 'targets', 0], [], [5, null]],
  [
    [...job, 'guard', 'maxRemoved'],
    [0, 5, '0%', '9%', '20%', '100%'],
    [-1, 1.5, '5', '%', '101%', '20%!', 'a20%', '120%'],
  ],
  [
    [...job, 'guard', 'minTargets'],
    [0, 7],
    [-1, 1.5, '1'],
  ],
  [
    [...job, 'guard', 'per'],
    ['0s', '1h', '90m', '1d12h', '1h30m15s'],
    ['', 'h', '1', '1w', '-1h', '1.5h', ' 1h', 0, 60],
  ],
  [
    [...job, 'keep'],
    ['0s', '15m'],
    ['', '15', '15 m', '1ms', 0, false],
  ],
  [
    [...job, 'guard', 'adopt'],
    ['refuse', 'replace'],
    ['', 'no', true],
  ],
  [[...job, 'to'], [], [5, 'x', null]],
  [[...job, 'to'], [], [[]]],
  [
    [...place, 'configMap', 'namespace'],
    ['a', 'a-1', long],
    ['', 'A', '-a', 'a-', 'a.b', 'a b', `${long}a`],
  ],
  [
    [...place, 'configMap', 'name'],
    ['a', 'a-1.b', 'a'.repeat(253)],
    ['', 'A', '-a', 'a-', '.a', 'a.', 'a b', 'a'.repeat(254)],
  ],
  [
    [...place, 'configMap', 'key'],
    ['prometheus.yml', '_A-1', 'a'.repeat(253)],
    ['', 'a b', 'a/b', ' a', 'a'.repeat(254)],
  ],
  [
    [...place, 'format'],
    ['static_configs', 'scrape_configs', 'file_sd', 'thanos_endpoints'],
    ['', 'yaml'],
  ],
  [[...place, 'create'], [false], ['no', 0]],
  [
    [...place, 'prometheus'],
    ['http://a', 'https://a.example.com:9090/prometheus'],
    ['a:9090', 'x http://a', 'http:///x', 'http:// a', 'ftp://a'],
  ],
  [
    [...eks, 'name'],
    ['a', 'Central_1-b', 'a'.repeat(100)],
    ['', '-a', 'a b', 'a.b', 'a'.repeat(101)],
  ],
  [
    [...eks, 'region'],
    ['eu-west-1', 'us-gov-east-1', 'ap-southeast-12'],
    ['eu-west', 'euw-west-1', 'xeu-west-1', 'eu-west-1a', 'EU-west-1', 'eu--1'],
  ],
  [
    [...eks, 'endpoint'],
    ['https://a', 'https://a.example.com:443/'],
    ['http://a', 'x https://a', 'https://a/b', 'https://', 'https://a b'],
  ],
  [
    [...eks, 'certificateAuthority'],
    ['LS0t', 'LS0t\n+/==\n', '-----BEGIN CERTIFICATE-----\n…'],
    ['', '…', 'LS0t-', '…LS0t'],
  ],
  [['cluster', 'kubeconfig', 'path'], ['a'], ['', 5]],
  [['cluster', 'kubeconfig', 'context'], ['a'], ['', 5]],
  [['cluster', 'inCluster'], [], [false, 'yes']],
];
