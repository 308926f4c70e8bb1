import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operatorCrds } from './found.ts';
import type { KubeApiserver } from './kube-apiserver.ts';
import { until } from './process.ts';

/** Installs CRDs of the Prometheus Operator, by their plural names, and waits until they are served. */
export async function installCrds(server: KubeApiserver, ...plurals: string[]): Promise<void> {
  for (const plural of plurals) {
    const file = join(operatorCrds(), `monitoring.coreos.com_${plural}.yaml`);
    // Client-side apply would need an annotation that is too large for these.
    await server.kubectl(['apply', '--server-side', '-f', '-'], {
      input: readFileSync(file, 'utf8'),
    });
  }
  for (const plural of plurals) {
    const look = () => server.kubectl(['get', `${plural}.monitoring.coreos.com`, '-A']);
    await until(`the CRD ${plural}`, async () => (await look()) !== undefined);
  }
}
