import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from './available.ts';
import { type Cluster, startCluster } from './cluster.ts';
import type { KubeNode } from './node.ts';
import { pauseImage } from './node-files.ts';
import { nodeParts } from './part-names.ts';
import { importPrometheus, type PrometheusPod, startPrometheusPod } from './prometheus-pod.ts';

/** What a node could change on the machine and does not take away by ending: settings of the kernel. */
function kernelSettings(): Record<string, string> {
  const names = [
    ...['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'],
    ...['kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes', 'net/ipv4/ip_forward'],
    ...['net/ipv4/conf/all/route_localnet', 'net/ipv4/conf/all/rp_filter'],
  ];
  return Object.fromEntries(
    names
      .map((name) => join('/proc/sys', name))
      .filter((path) => existsSync(path))
      .map((path) => [path, readFileSync(path, 'utf8').trim()]),
  );
}

const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4]);

/** Processes, mounts, cgroups, interfaces and files of a node, as this machine sees them. */
function tracesOf({ link, cgroup, folder }: KubeNode['traces']): Record<string, readonly string[]> {
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  const cgroups = '/sys/fs/cgroup';
  return {
    processes: readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(commandOf)
      .filter((command) => command.includes(folder) || command.includes(cgroup)),
    mounts: mounts().filter((path) => path?.includes(folder)) as string[],
    cgroups: ['.', ...readdirSync(cgroups)]
      .map((hierarchy) => join(cgroups, hierarchy, cgroup))
      .filter((path) => existsSync(path)),
    interfaces: existsSync(join('/sys/class/net', link)) ? [link] : [],
    files: existsSync(folder) ? [folder] : [],
  };
}

const nothing = { processes: [], mounts: [], cgroups: [], interfaces: [], files: [] };

describeWith([...nodeParts, 'prometheus-3'], 'a node runs pods', () => {
  let cluster: Cluster;
  let pod: PrometheusPod;
  let before: { kernel: Record<string, string>; mounts: readonly unknown[] };
  beforeAll(async () => {
    before = { kernel: kernelSettings(), mounts: mounts() };
    cluster = await startCluster();
    const { kube, node } = cluster;
    await importPrometheus(node);
    await kube.namespace('monitoring');
    await kube.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'monitoring', name: 'prometheus-server' },
      data: { 'prometheus.yml': 'scrape_configs: [{ job_name: federate }]' },
    });
    pod = await startPrometheusPod(kube, { namespace: 'monitoring', config: 'prometheus-server' });
  }, 120_000);
  afterAll(() => cluster?.stop());

  test('which have an address of their own, and their labels', async () => {
    expect(await pod.loadedConfig()).toContain('job_name: federate');
    const found = await cluster.kube.kubectl([
      ...['get', 'pods', '--all-namespaces', '-l', 'app.kubernetes.io/name=prometheus'],
      ...['-o', 'jsonpath={.items[*].status.podIP} {.items[*].spec.nodeName}'],
    ]);
    expect(found).toBe(`${pod.address} ${cluster.node.name}`);
  });

  test('which the API server reaches through a Service', async () => {
    await cluster.kube.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'monitoring', name: 'prometheus-server' },
      spec: {
        selector: { 'app.kubernetes.io/name': 'prometheus' },
        ports: [{ port: 80, targetPort: 9090 }],
      },
    });
    const path = '/api/v1/namespaces/monitoring/services/prometheus-server:80/proxy/-/ready';
    // The controller has to see both first.
    await expect
      .poll(() => cluster.kube.kubectl(['get', '--raw', path]).catch(String))
      .toContain('Ready');
  });

  test('which have no right to write what the node may not', async () => {
    const { kube, node } = cluster;
    const user = kube.clientCertificate(`system:node:${node.name}`, ['system:nodes']);
    await expect(kube.kubectl(['get', 'secrets', '--all-namespaces'], { user })).rejects.toThrow(
      /forbidden/,
    );
  });

  test('whose logs kubectl shows', async () => {
    const logs = ['logs', pod.name, '--namespace', pod.namespace];
    expect(await cluster.kube.kubectl(logs)).toContain('Server is ready to receive web requests');
  });

  test('and one kill removes it with all that it has made, and the machine is as it was', async () => {
    const { traces, pid } = cluster.node;
    expect(kernelSettings()).toEqual(before.kernel);
    expect(mounts()).toEqual(before.mounts);
    const during = tracesOf(traces);
    expect(during.processes?.join('\n')).toContain('containerd-shim-runc-v2');
    expect(during.cgroups?.length).toBeGreaterThan(0);
    expect(during.interfaces).toEqual([traces.link]);

    process.kill(pid, 'SIGKILL');
    // The kernel removes a network namespace in the background, which takes a while on a busy machine.
    await expect
      .poll(() => tracesOf(traces), { timeout: 50_000 })
      .toMatchObject({ ...nothing, files: expect.any(Array) });
    await cluster.node.stop();
    expect(tracesOf(traces)).toEqual(nothing);
    expect(kernelSettings()).toEqual(before.kernel);
    expect(mounts()).toEqual(before.mounts);
  });
});

describeWith([...nodeParts], 'a node ends with the process that started it', () => {
  test('even if that is killed', async () => {
    const script = `
      import { startCluster } from './cluster.ts';
      const { kube, node } = await startCluster();
      const spec = { containers: [{ name: 'pause', image: '${pauseImage}' }] };
      await kube.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pause' }, spec });
      await kube.kubectl(['wait', '--for=condition=Ready', 'pod/pause', '--timeout=60s']);
      console.log(JSON.stringify(node.traces));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const traces = JSON.parse(String(line)) as KubeNode['traces'];
    expect(tracesOf(traces).processes?.join('\n')).toContain('containerd-shim-runc-v2');
    child.kill('SIGKILL');
    await expect.poll(() => tracesOf(traces)).toEqual(nothing);
  }, 90_000);
});
