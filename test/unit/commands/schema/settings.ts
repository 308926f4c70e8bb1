import fc from 'fast-check';

/** A mapping in which each key may be missing. */
const some = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(model, { requiredKeys: [] });
const oneOrMore = (item: fc.Arbitrary<unknown>) =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 2 }));
const of = <T extends readonly unknown[]>(...values: T) => fc.constantFrom<T[number][]>(...values);

const role = { roleArn: of('arn:aws:iam::111122223333:role/r', 'r'), externalId: of('x', '') };
const select = some({ types: of(['A'], []), name: of('x', '^(?<n>a)', '('), exclude: of(['x']) });
const templated = {
  select,
  target: of('{host}', '{n}', `\${host}`),
  labels: of({}, { clusterID: '{label}' }, { clusterID: '{n}', a: 'b' }, { '0': 'x' }),
};
const object = some({ namespace: of('m', 'M'), name: of('a', 'b'), key: of('k') });
const secret = some({ file: of('f'), env: of('E', '1') });
const service = fc.record({ namespace: of('m'), name: of('p'), port: of(80, 'web', 0) });
const server = fc.oneof(
  of('http://a', 'a'),
  some({
    url: of('http://a', 'a'),
    service,
    bearerToken: secret,
    basicAuth: some({ username: of('u'), password: secret }),
    caFile: of('ca.pem'),
    reload: of(true, false),
  }),
);
const place = fc.oneof(
  { weight: 2, arbitrary: fc.record({ configMap: object }) },
  some({
    configMap: object,
    secret: object,
    scrapeConfig: some({ namespace: of('m'), name: of('a'), key: of('k') }),
    file: of('a.yml', 'b.yml'),
    format: of('static_configs', 'file_sd', 'scrape_configs', 'thanos_endpoints', 'x'),
    create: of(true, false),
    template: of('t.yml'),
    nudge: of({ pods: 'app=prometheus' }, {}),
    prometheus: oneOrMore(server),
    wait: of('0s', '0m0s', '15s', '15'),
  }),
);

const source = some({
  zone: of('Z1', 'a.b'),
  records: of('zone.json'),
  public: of(true),
  allowAddresses: of(true),
  ...role,
  ...templated,
});

const job = some({
  name: of('a', 'b', 'a,b'),
  job: of('a', 'b'),
  from: fc.array(source, { maxLength: 2 }),
  ...templated,
  also: of([], [{ targets: ['a:80'] }], [{ targets: [] }]),
  expect: fc.array(
    some({
      eks: some({ region: of('eu-west-1', 'x'), name: of('(', 'x'), ...role }),
      file: of('c'),
    }),
    {
      maxLength: 2,
    },
  ),
  guard: some({ maxRemoved: of(5, '20%', -1), per: of('0s', '1h', 1), adopt: of('refuse', 'no') }),
  keep: of('0s', '15m', 15),
  to: oneOrMore(place),
  unknown: of(1),
});

/** Settings of any kind: most have faults, in shapes and across keys. */
export const anySettings = some({
  cluster: some({
    eks: some({ name: of('a', 'a b'), ...role }),
    kubeconfig: some({ path: of('k') }),
    inCluster: of(true, false),
  }),
  jobs: fc.array(job, { maxLength: 2 }),
});

/** A mapping in which a key is there one time in `seldom`, so that few rules meet at once. */
const few = (model: Record<string, fc.Arbitrary<unknown>>, seldom = 10) =>
  fc
    .tuple(
      ...Object.entries(model).map(([key, value]) =>
        fc.oneof(
          { weight: seldom - 1, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: value.map((one) => [[key, one]]) },
        ),
      ),
    )
    .map((entries) => Object.fromEntries(entries.flat()));
const merged = (...parts: readonly fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const rightSecret = merged(of({ file: 'f' }), few({ env: of('E') }, 4));
const rightServer = fc.oneof(
  of('http://a'),
  merged(
    fc.oneof(
      of({ url: 'http://a' }),
      fc.record({ service: of({ namespace: 'm', name: 'p', port: 80 }) }),
    ),
    few(
      {
        url: of('http://b'),
        bearerToken: rightSecret,
        basicAuth: fc.record({ username: of('u'), password: rightSecret }),
        caFile: of('ca.pem'),
        reload: of(true, false),
      },
      4,
    ),
  ),
);
const kinds = {
  secret: fc.record({ namespace: of('m'), name: of('a', 'b'), key: of('k') }),
  scrapeConfig: fc.record({ namespace: of('m'), name: of('a', 'b') }),
  file: of('a.yml', 'b.yml'),
};
const rightPlace = merged(
  fc.oneof(...Object.entries(kinds).map(([kind, value]) => fc.record({ [kind]: value }))),
  few({
    ...kinds,
    format: of('static_configs', 'file_sd', 'scrape_configs', 'thanos_endpoints'),
    create: of(true, false),
    template: of('t.yml'),
    nudge: of({ pods: 'app=prometheus' }),
    prometheus: oneOrMore(rightServer),
    wait: of('0s', '15s'),
  }),
);
const roleOf = few({ roleArn: of('arn:aws:iam::111122223333:role/r'), externalId: of('x') }, 3);
const rightSource = merged(
  of({ zone: 'Z1' }, { records: 'zone.json' }),
  few({
    zone: of('Z2'),
    public: of(true),
    select: of({ name: 'y' }, {}),
    labels: of({}, { clusterID: 'x' }),
  }),
  roleOf,
);
const rightJob = merged(
  fc.oneof(of({ job: 'a' }, { job: 'b' }), few({ job: of('c'), name: of('d', 'e') })),
  fc.oneof(
    fc.record({
      from: fc.array(rightSource, { minLength: 1, maxLength: 2 }),
      select: of({ name: 'x' }),
    }),
    few(
      {
        from: fc.array(rightSource, { minLength: 1, maxLength: 2 }),
        select: of({ name: 'x' }, {}),
        also: of([], [{ targets: ['a:80'] }]),
      },
      2,
    ),
    of({ also: [{ targets: ['a:80'] }] }),
  ),
  few({
    labels: of({}, { clusterID: 'x' }),
    expect: fc.array(
      merged(fc.oneof(of({ file: 'c' }), fc.record({ eks: roleOf })), few({ file: of('d') })),
      { minLength: 1, maxLength: 2 },
    ),
    keep: of('0s', '15m'),
    guard: some({ per: of('0s', '1h') }),
  }),
  fc.record({ to: oneOrMore(rightPlace) }),
);

/** Settings in which each value has the right shape: only the rules across keys can refuse them. */
export const wellShapedSettings = merged(
  few({
    cluster: merged(
      fc.oneof(of({ inCluster: true }, {}), fc.record({ eks: merged(of({ name: 'a' }), roleOf) })),
      few({ kubeconfig: of({}) }),
    ),
  }),
  fc.record({ jobs: fc.array(rightJob, { minLength: 1, maxLength: 2 }) }),
) as fc.Arbitrary<object>;
