import { expect, test } from 'vitest';
import { checkReload, type Reloading } from '../../../../src/commands/doctor/reload-check.ts';

/** As Prometheus 3.16 prints them, as far as they matter here. */
const FLAGS = {
  'config.auto-reload': 'false',
  'config.auto-reload-interval': '30s',
  'enable-feature': '',
  'web.enable-lifecycle': 'false',
};

type Pods = NonNullable<Reloading['pods']>;
const pod = (...sidecars: Pods[number]['spec']['containers']) => ({
  metadata: { name: 'server-0' },
  spec: {
    containers: [
      {
        name: 'prometheus-server',
        image: 'quay.io/prometheus/prometheus:v3.16.0',
        args: ['--config.file=/etc/config/prometheus.yml', '--storage.tsdb.path=/data'],
      },
      ...sidecars,
    ],
  },
});

const check = (given: Partial<Reloading> = {}) => {
  const plain = { flags: FLAGS, pods: [pod()], format: 'static_configs', reload: false } as const;
  const { status, message } = checkReload('http://prometheus', { ...plain, ...given });
  return `${status}: ${message}`;
};

test.each(['file_sd', 'thanos_endpoints'] as const)('%s needs no reload', (format) => {
  expect(check({ format })).toBe(`ok: ${format}: the server reads a new list by itself`);
});

test.each(['static_configs', 'scrape_configs'] as const)(
  '%s without flag or reloader is a warning',
  (format) => {
    expect(check({ format })).toBe(
      'warning: nothing makes it load a new list: no flag, no reloader',
    );
  },
);

test('the remedy names the flag with its version, and the setting', () => {
  const plain = { flags: FLAGS, pods: [pod()], format: 'static_configs', reload: false } as const;
  const { remedy } = checkReload('http://prometheus', plain);
  expect(remedy).toContain('3.12 or newer with --config.auto-reload');
  expect(remedy).toContain('reload: true');
});

test('the flag is enough, with its interval', () => {
  expect(check({ flags: { ...FLAGS, 'config.auto-reload': 'true' } })).toBe(
    'ok: it reloads its configuration by itself, within 30s (--config.auto-reload)',
  );
});

test.each(['auto-reload-config', 'native-histograms,auto-reload-config'])(
  'so is the feature of older versions: %s',
  (features) => {
    expect(check({ flags: { 'enable-feature': features } })).toMatch(/^ok: .*auto-reload-config/);
  },
);

test('another feature is not', () => {
  expect(check({ flags: { ...FLAGS, 'enable-feature': 'native-histograms' } })).toMatch(/^warning/);
});

test.each([
  [
    'of the chart',
    {
      name: 'prometheus-server-configmap-reload',
      image: 'quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0',
      args: ['--watched-dir=/etc/config', '--reload-url=http://127.0.0.1:9090/-/reload'],
    },
  ],
  [
    'of the chart, before it changed its image',
    {
      name: 'reload',
      image: 'jimmidyson/configmap-reload:v0.9.0',
      args: ['--volume-dir=/etc/config', '--webhook-url=http://127.0.0.1:9090/-/reload'],
    },
  ],
  [
    'from a registry with names of its own',
    { name: 'r', image: 'registry.example.com/mirror/7', args: ['--reload-url=http://x/-/reload'] },
  ],
])('a reloader is enough: %s', (_, sidecar) => {
  expect(check({ pods: [pod(), pod(sidecar)] })).toBe(
    `ok: container ${sidecar.name} of pod server-0 reloads it`,
  );
});

test("the operator's init container reloads nothing, and its sidecar does", () => {
  const image = 'quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0';
  const init = { name: 'init-config-reloader', image, args: ['--watch-interval=0'] };
  const sidecar = { name: 'config-reloader', image, args: ['--reload-url=http://x/-/reload'] };
  const withInit = (...sidecars: { name: string; image: string; args: string[] }[]) => {
    const { metadata, spec } = pod(...sidecars);
    return { metadata, spec: { ...spec, initContainers: [init] } };
  };
  expect(check({ pods: [withInit()] })).toMatch(/^warning/);
  expect(check({ pods: [withInit(sidecar)] })).toContain('container config-reloader');
});

test('reload: true is enough where the server accepts it', () => {
  const flags = { ...FLAGS, 'web.enable-lifecycle': 'true' };
  expect(check({ reload: true, flags })).toMatch(/^ok: a sync reloads it after each write/);
  expect(check({ reload: true })).toBe(
    'warning: it does not accept the reload of a sync (reload: true)',
  );
});

test.each([
  [{ flags: undefined }, 'its flags'],
  [{ pods: undefined }, 'the pods, which may have a reloader'],
])('what we cannot read is a note: %o', (given, missing) => {
  expect(check(given)).toBe(
    `note: unknown whether it reloads by itself: we cannot read ${missing}`,
  );
});

test('without flags, a reloader in the pod is still found', () => {
  const sidecar = { name: 'r', image: 'jimmidyson/configmap-reload:v0.9.0' };
  expect(check({ flags: undefined, pods: [pod(sidecar)] })).toMatch(/^ok: container r/);
});
