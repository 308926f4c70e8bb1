import { request } from 'node:https';
import type { ContractServer } from '../../unit/objects/contract.ts';

/** One version of the object, as the API server's watch tells it. */
export interface Version {
  readonly version: string;
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Every version of one ConfigMap, in order, from now on. */
export class History {
  readonly versions: Version[] = [];
  readonly #stop: () => void;

  static async of(server: ContractServer, namespace: string, name: string): Promise<History> {
    const selector = `fieldSelector=metadata.name%3D${name}`;
    const path = `/api/v1/namespaces/${namespace}/configmaps?watch=true&${selector}`;
    const { certificateAuthority: ca, adminToken } = server;
    const headers = { authorization: `Bearer ${adminToken}` };
    return new Promise((resolve, reject) => {
      const sent = request(`${server.url}${path}`, { ca, headers }, (response) => {
        const history = new History(() => sent.destroy());
        let rest = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = `${rest}${chunk}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) history.#add(JSON.parse(line));
          if (history.versions.length > 0) resolve(history);
        });
        response.on('error', () => undefined);
      });
      sent.on('error', reject).end();
    });
  }

  private constructor(stop: () => void) {
    this.#stop = stop;
  }

  #add({ object }: { object: { metadata: object; data?: object } }): void {
    const { resourceVersion = '', annotations = {} } = object.metadata as {
      resourceVersion?: string;
      annotations?: Record<string, string>;
    };
    this.versions.push({
      version: resourceVersion,
      data: (object.data ?? {}) as Record<string, string>,
      annotations,
    });
  }

  stop(): void {
    this.#stop();
  }
}
