import type { FaultCode } from '../../../src/fault.ts';
import type { Call, Fault } from '../../support/emulators/faults.ts';
import type { ObjectKind } from './world.ts';

/** A request of a sync: the place where something goes wrong. */
export interface Point {
  readonly name: string;
  readonly kind: ObjectKind;
  readonly column: 'aws' | 'get' | 'patch';
  readonly matches: (call: Call) => boolean;
  /** What `forbidden` in the table stands for. */
  readonly forbidden?: FaultCode;
}

const on = (service: string, operation: string, more: (call: Call) => boolean = () => true) => ({
  matches: (call: Call) => call.service === service && call.operation === operation && more(call),
});
const bodyHas = (text: string) => (call: Call) => decodeURIComponent(call.body).includes(text);
const firstPage = (call: Call) => !call.path.includes('type=');

/** In the order of a sync. */
export const points: readonly Point[] = [
  {
    name: "AssumeRole, the cluster's",
    kind: 'Secret',
    column: 'aws',
    forbidden: 'role-forbidden',
    ...on('sts', 'AssumeRole', bodyHas('cluster-reader')),
  },
  {
    name: 'DescribeCluster',
    kind: 'ConfigMap',
    column: 'aws',
    forbidden: 'cluster-forbidden',
    ...on('eks', 'DescribeCluster'),
  },
  {
    name: 'GET ConfigMap',
    kind: 'ConfigMap',
    column: 'get',
    ...on('kubernetes', 'get configmaps'),
  },
  { name: 'GET Secret', kind: 'Secret', column: 'get', ...on('kubernetes', 'get secrets') },
  {
    name: "AssumeRole, the zone's",
    kind: 'ConfigMap',
    column: 'aws',
    forbidden: 'role-forbidden',
    ...on('sts', 'AssumeRole', bodyHas('zone-reader')),
  },
  {
    name: 'GetHostedZone',
    kind: 'Secret',
    column: 'aws',
    forbidden: 'zone-forbidden',
    ...on('route53', 'GetHostedZone'),
  },
  {
    name: 'ListResourceRecordSets, page 1',
    kind: 'ConfigMap',
    column: 'aws',
    forbidden: 'zone-forbidden',
    ...on('route53', 'ListResourceRecordSets', firstPage),
  },
  {
    name: 'ListResourceRecordSets, page 2',
    kind: 'Secret',
    column: 'aws',
    forbidden: 'zone-forbidden',
    ...on('route53', 'ListResourceRecordSets', (call) => !firstPage(call)),
  },
  {
    name: 'PATCH ConfigMap',
    kind: 'ConfigMap',
    column: 'patch',
    ...on('kubernetes', 'patch configmaps'),
  },
  { name: 'PATCH Secret', kind: 'Secret', column: 'patch', ...on('kubernetes', 'patch secrets') },
];

/** `new`: written. `old`: nothing to do, as far as it knew. Otherwise what it failed with. */
export type End = 'new' | 'old' | 'forbidden' | FaultCode;

interface Row {
  readonly fault: (call: Call) => Fault;
  /** Per column: the end of a run that meets it once, and of one that meets it whenever it asks. */
  readonly aws: readonly [End, End];
  readonly get: readonly [End, End];
  readonly patch: readonly [End, End];
}

const refuse =
  (status: number, more: object = {}) =>
  () => ({ refuse: { status, ...more } });
const always = (fault: Fault) => () => fault;
const throttling = ({ service }: Call): Fault => {
  if (service === 'kubernetes') return { refuse: { status: 429 } };
  const code = service === 'eks' ? 'ThrottlingException' : 'Throttling';
  return { refuse: { status: 400, code, message: 'Rate exceeded' } };
};
/** In the authorizer's words. */
const forbidden = ({ service, operation, path }: Call): Fault => {
  const [verb = '', resource = ''] = operation.split(' ');
  const who = `User "sync" cannot ${verb} resource "${resource}" in API group ""`;
  const message = `${resource} "central" is forbidden: ${who} (${path})`;
  return { refuse: { status: 403, ...(service === 'kubernetes' && { message }) } };
};
/** Done, but answered as if it were not. */
const doneBut = (status: number): Fault => ({
  change: () => ({ status, body: 'upstream error', headers: { 'content-type': 'text/plain' } }),
});
/** A proxy's error page that quotes the whole request. */
const echo =
  (status: number) =>
  (call: Call): Fault => ({
    status,
    headers: { 'content-type': 'text/plain' },
    body: `<Error><Code>Odd</Code><Message>${quoted(call)}</Message></Error>`,
  });
const quoted = ({
  headers: { authorization, 'x-amz-security-token': token, ...more },
  body,
}: Call) => JSON.stringify({ token, authorization, body, more }).replace(/[<&]/g, '?');
/** The same in the service's own words, where a client may read it. */
const echoInShape =
  (status: number) =>
  (call: Call): Fault => ({
    refuse: {
      status,
      code: call.service === 'kubernetes' ? 'BadRequest' : 'OddException',
      message: quoted(call),
    },
  });
/** A whole answer, but only the first half of what it should be. */
const half: Fault = {
  change: ({ status, headers, body = '' }) => ({
    status,
    headers: headers ?? {},
    body: Buffer.from(body).subarray(0, Math.floor(Buffer.byteLength(body) / 2)),
  }),
};
const wrongType: Fault = {
  change: ({ headers, ...answer }) => ({
    ...answer,
    headers: { ...headers, 'content-type': 'application/octet-stream' },
  }),
};

const down = ['new', 'aws-unavailable'] as const;
const away = ['new', 'kubernetes-unavailable'] as const;
const twice = <E extends End>(end: E) => [end, end] as const;

/** What each fault comes to. A cell is a point, a row, and how often. */
export const rows = {
  throttling: { fault: throttling, aws: ['new', 'aws-throttled'], get: away, patch: away },
  'HTTP 500': { fault: refuse(500), aws: down, get: away, patch: ['new', 'write-unknown'] },
  'HTTP 503': { fault: refuse(503), aws: down, get: away, patch: ['new', 'write-unknown'] },
  'done, but 500': { fault: always(doneBut(500)), aws: down, get: away, patch: twice('new') },
  'done, but 502': { fault: always(doneBut(502)), aws: down, get: away, patch: twice('new') },
  slow: {
    fault: always({ delayMs: 120 }),
    aws: twice('new'),
    get: twice('new'),
    patch: twice('new'),
  },
  'no answer': { fault: always('hang'), aws: down, get: away, patch: ['new', 'write-unknown'] },
  'reset before': {
    fault: always('reset-before'),
    aws: down,
    get: away,
    patch: ['new', 'write-unknown'],
  },
  'reset after': { fault: always('reset-after'), aws: down, get: away, patch: twice('new') },
  'cut short': { fault: always('truncate'), aws: down, get: away, patch: twice('new') },
  'half a body': {
    fault: always(half),
    aws: twice('aws-unavailable'),
    get: away,
    patch: twice('new'),
  },
  'wrong type': {
    fault: always(wrongType),
    aws: twice('new'),
    get: twice('new'),
    patch: twice('new'),
  },
  HTML: {
    fault: always('html'),
    aws: twice('aws-unavailable'),
    get: away,
    patch: ['new', 'write-unknown'],
  },
  garbage: {
    fault: always('garbage'),
    aws: twice('aws-unavailable'),
    get: away,
    patch: ['new', 'write-unknown'],
  },
  stale: {
    fault: always('stale'),
    aws: twice('new'),
    get: ['new', 'conflict'],
    patch: ['new', 'write-unknown'],
  },
  'HTTP 401': {
    fault: refuse(401),
    aws: twice('forbidden'),
    get: ['new', 'kubernetes-unauthorized'],
    patch: ['new', 'kubernetes-unauthorized'],
  },
  'HTTP 403': {
    fault: forbidden,
    aws: twice('forbidden'),
    get: twice('kubernetes-forbidden'),
    patch: twice('kubernetes-forbidden'),
  },
  'HTTP 409': {
    fault: refuse(409),
    aws: twice('aws-refused'),
    get: twice('conflict'),
    patch: ['new', 'conflict'],
  },
  'HTTP 413': {
    fault: refuse(413),
    aws: twice('aws-refused'),
    get: twice('object-too-large'),
    patch: twice('object-too-large'),
  },
  'HTTP 422': {
    fault: refuse(422),
    aws: twice('aws-refused'),
    get: twice('kubernetes-refused'),
    patch: twice('kubernetes-refused'),
  },
  '429, Retry-After 1': {
    fault: refuse(429, { headers: { 'retry-after': '1' } }),
    aws: ['new', 'aws-throttled'],
    get: away,
    patch: away,
  },
  'request quoted': {
    fault: echo(400),
    aws: twice('aws-refused'),
    get: twice('kubernetes-refused'),
    patch: twice('kubernetes-refused'),
  },
  'request quoted in shape': {
    fault: echoInShape(400),
    aws: twice('aws-refused'),
    get: twice('kubernetes-refused'),
    patch: twice('kubernetes-refused'),
  },
} as const satisfies Record<string, Row>;

export type RowName = keyof typeof rows;
