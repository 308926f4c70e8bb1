import { Fault, withRemedy } from '../fault.ts';
import type { Answer } from '../http.ts';
import { type ServiceServer, serviceSegment } from '../job.ts';
import type { KubernetesClient } from '../objects/kubernetes/client.ts';
import type { Run } from '../run.ts';
import type { Link } from './link.ts';

/**
 * A server behind a service, through the API server: no network path to the pods is needed, only get (and create
 * for a reload) of services/proxy.
 */
export class ProxiedLink implements Link {
  readonly #server: ServiceServer;
  readonly #client: KubernetesClient;
  readonly url: string;

  constructor(server: ServiceServer, client: KubernetesClient) {
    this.#server = server;
    this.#client = client;
    this.url = `service/${server.service.namespace}/${serviceSegment(server)}`;
  }

  async send(method: 'GET' | 'POST', path: string, run: Run): Promise<Answer> {
    const { namespace, path: prefix = '' } = this.#server.service;
    const at = `/api/v1/namespaces/${namespace}/services/${serviceSegment(this.#server)}/proxy`;
    const call = {
      method,
      path: `${at}${prefix.replace(/\/$/, '')}/${path}`,
      to: `query ${this.url}`,
      safeToRepeat: true,
    } as const;
    try {
      return await this.#client.forward(call, run);
    } catch (error) {
      throw error instanceof Fault ? this.#explained(error, method) : error;
    }
  }

  #explained(fault: Fault, method: 'GET' | 'POST'): Fault {
    switch (fault.code) {
      case 'kubernetes-forbidden': {
        const verb = method === 'GET' ? 'get' : 'create';
        const name = serviceSegment(this.#server);
        return withRemedy(
          fault,
          `Grant ${verb} of services/proxy with resourceNames ${name} (federation-sync policy prints the Role).`,
        );
      }
      case 'object-missing':
        return withRemedy(fault, 'Check prometheus.service: namespace, name and port.');
      case 'kubernetes-unavailable': {
        const remedy = 'Check that a pod of the service is ready, and the port.';
        return new Fault('prometheus-unreachable', fault.message, { cause: fault, remedy });
      }
      default:
        return fault;
    }
  }
}
