import { expect, test } from 'vitest';
import { checkMounts, podsMounting } from '../../../../src/commands/doctor/mounts.ts';
import type { Pod } from '../../../../src/objects/kubernetes/mounts.ts';

const secret = { kind: 'secret', name: 'targets' } as const;
const object = { kind: 'configMap', name: 'targets' } as const;
const check = (pods: Pod[], format: 'static_configs' | 'file_sd' = 'file_sd') =>
  checkMounts(
    'configmap/monitoring/targets',
    object,
    'targets.yaml',
    format,
    podsMounting(object, pods),
  ).map(({ status, message }) => `${status}: ${message}`);

type Parts = { mount?: object; volume?: object; sidecar?: object };
const pod = ({ mount = {}, volume = { configMap: { name: 'targets' } }, sidecar }: Parts = {}) =>
  ({
    metadata: { name: 'server-0' },
    spec: {
      containers: [
        {
          name: 'prometheus',
          image: 'quay.io/prometheus/prometheus:v3.16.0',
          volumeMounts: [{ name: 'list', mountPath: '/etc/targets', ...mount }],
        },
        ...(sidecar ? [sidecar] : []),
      ],
      volumes: [{ name: 'list', ...volume }],
    },
  }) as Pod;

test('a volume mounted as a folder is fine', () => {
  expect(check([pod()])).toEqual(['ok: mounted as a directory by 1 pod']);
});

test.each([{ subPath: 'targets.yaml' }, { subPathExpr: '$(POD)/targets.yaml' }])(
  'a mount by %o never sees a change',
  (mount) => {
    expect(check([pod({ mount })])).toEqual([
      'failure: pod server-0 mounts it with subPath (container prometheus, /etc/targets): it never receives an update',
    ]);
  },
);

test('a projected volume counts, and one that omits the key is reported', () => {
  const source = (items?: object[]) => ({
    volume: { projected: { sources: [{ configMap: { name: 'targets', items } }] } },
  });
  expect(check([pod(source())])).toEqual(['ok: mounted as a directory by 1 pod']);
  expect(check([pod(source([{ key: 'other.yaml' }]))])).toEqual([
    'warning: pod server-0 mounts other keys of the object, not targets.yaml',
  ]);
});

test('a Secret of the same name is another object', () => {
  const volume = { secret: { secretName: 'targets' } };
  expect(check([pod({ volume })])).toEqual(['warning: no pod in its namespace mounts it']);
  expect(
    checkMounts('x', secret, 'k', 'file_sd', podsMounting(secret, [pod({ volume })])),
  ).toMatchObject([{ status: 'ok' }]);
});

test.each([
  [
    'the reloader of the chart',
    { name: 'r', image: 'quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0' },
  ],
  ['auto-reload', { name: 'p', args: ['--config.auto-reload'] }],
  ['auto-reload as a feature', { name: 'p', args: ['--enable-feature=auto-reload-config'] }],
])('a prometheus.yml needs something that reloads it: %s', (_, sidecar) => {
  expect(check([pod({ sidecar })], 'static_configs')).toEqual([
    'ok: mounted as a directory by 1 pod',
  ]);
  expect(check([pod()], 'static_configs')).toEqual([
    'warning: nothing makes it load a new list: no flag, no reloader',
  ]);
});
