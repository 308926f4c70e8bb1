import type { Answer } from '../http.ts';
import type { Run } from '../run.ts';

/** How one server is reached: by its URL, or through the API server of its cluster. */
export interface Link {
  /** For messages and reports, without secrets. */
  readonly url: string;
  /**
   * Sends one request. Throws `prometheus-unreachable`, `prometheus-refused`, `deadline`; through an API server also
   * `kubernetes-*`, `cluster-*`, `aws-*`, `object-missing`.
   *
   * @param path as `api/v1/targets?scrapePool=federate`
   */
  send(method: 'GET' | 'POST', path: string, run: Run): Promise<Answer>;
}
