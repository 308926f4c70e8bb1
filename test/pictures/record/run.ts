import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { clusters } from '../../../infra/dashboards/clusters.ts';
import { scheduledEvent } from '../../demo/events.ts';
import type { Prometheus } from '../../support/parts/prometheus.ts';
import { startLeaf } from '../../system/infra/federation.ts';
import { expressions } from '../../system/infra/panels.ts';
import type { Counted, Metrics, Series } from '../samples.ts';
import { NAMESPACE, type Stage, startStage, TARGETS } from './stage.ts';

/** In place of the five minutes of serverless.yml. */
const SCHEDULE_SECONDS = 20;
const SECONDS = 360;

type Recorded = Pick<Metrics, 'seconds' | 'events' | 'clusters' | 'function'>;

/** A history of six minutes on real parts; what the servers and the function measured of it. */
export async function record(say: (text: string) => void): Promise<Recorded> {
  const numbers = [1, 2, 3, 4, 5, 6];
  const stage = await startStage([...numbers, 7].map((n) => `cluster${n}`));
  const exporter = createServer((_, response) =>
    response.setHeader('content-type', 'text/plain; version=0.0.4').end('a_metric 1\n'),
  );
  const leaves: Prometheus[] = [];
  const names: string[] = [];
  try {
    exporter.listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    const { port } = exporter.address() as AddressInfo;
    for (const n of numbers) {
      const leaf = await startLeaf('3', `cluster${n}`, n === 1 ? [`127.0.0.1:${port}`] : []);
      leaves.push(leaf);
      const last = (await stage.expose(leaf.port)).split('.').at(-1);
      names.push(`cluster${n}-${last}-${leaf.port}.prometheus.internal.`);
    }
    const history = new History(stage, names, say);
    await history.play([
      [0, 'clusters 1 to 3 register', () => history.register(1, 2, 3)],
      [45, 'cluster 4 registers', () => history.register(4)],
      [60, 'a target in cluster 1 stops', async () => void exporter.close().closeAllConnections()],
      [75, 'clusters 5 and 6 register', () => history.register(5, 6)],
      [100, "cluster 2's Prometheus stops", async () => leaves[1]?.stop()],
      [120, 'the target in cluster 1 returns', async () => void exporter.listen(port, '127.0.0.1')],
      [150, "cluster 2's name goes", () => history.deregister(2)],
      [200, 'the names of clusters 3 to 6 go', () => history.deregister(3, 4, 5, 6)],
      [270, 'they return', () => history.register(3, 4, 5, 6)],
      [305, 'somebody empties the list by hand', () => history.emptyList()],
    ]);
    return { ...history.recorded(), clusters: await queried(stage, history.begun, SECONDS) };
  } finally {
    for (const leaf of leaves) await leaf.stop();
    exporter.close().closeAllConnections();
    await stage.stop();
  }
}

type Step = readonly [seconds: number, what: string, act: () => Promise<unknown>];

class History {
  readonly begun = Date.now();
  readonly #stage: Stage;
  readonly #names: readonly string[];
  readonly #say: (text: string) => void;
  readonly #events: [number, string][] = [];
  readonly #counted: Counted[] = [];

  constructor(stage: Stage, names: readonly string[], say: (text: string) => void) {
    this.#stage = stage;
    this.#names = names;
    this.#say = say;
  }

  /** The steps at their times, and the schedule in between. */
  async play(steps: readonly Step[]): Promise<void> {
    const schedule = Array.from(
      { length: Math.floor(SECONDS / SCHEDULE_SECONDS) },
      (_, i): Step => [10 + i * SCHEDULE_SECONDS, '', () => this.#invoke(scheduledEvent())],
    );
    for (const [at, what, act] of [...steps, ...schedule].sort(([a], [b]) => a - b)) {
      await this.#until(at);
      if (what) {
        this.#say(`${Math.round(this.#seconds())} s: ${what}`);
        this.#events.push([Math.round(this.#seconds()), what]);
      }
      await act();
    }
    await this.#until(SECONDS);
  }

  register = (...numbers: number[]) => this.#change(numbers, this.#stage.zone.register);
  deregister = (...numbers: number[]) => this.#change(numbers, this.#stage.zone.deregister);

  async emptyList(): Promise<void> {
    const patch = JSON.stringify({ data: { [TARGETS.key]: '[]\n' } });
    const object = ['configmap', TARGETS.name, '--namespace', NAMESPACE];
    await this.#stage.kube.kubectl(['patch', ...object, '--type=merge', '--patch', patch]);
  }

  recorded = () => ({ seconds: SECONDS, events: this.#events, function: this.#counted });

  #seconds = () => (Date.now() - this.begun) / 1000;
  #until = (at: number) => setTimeout(Math.max(0, (at - this.#seconds()) * 1000));

  /** One change for all of them, and its event. */
  async #change(numbers: readonly number[], change: Stage['zone']['register']): Promise<void> {
    const eventTime = new Date().toISOString();
    let event: object = {};
    for (const n of numbers) {
      event = await change({ name: this.#names[n - 1] as string, host: '127.0.0.1' });
    }
    const { detail, ...rest } = event as { detail: object };
    await this.#invoke({ ...rest, detail: { ...detail, eventTime } });
  }

  async #invoke(event: object): Promise<void> {
    const { logs, error } = await this.#stage.lambda.invoke(event);
    if (error) this.#say(`the function failed: ${error.errorMessage}`);
    for (const line of logs.split('\n').filter((one) => one.includes('"_aws"'))) {
      const { _aws, function: _, job: __, ...values } = JSON.parse(line);
      this.#counted.push({ at: (_aws.Timestamp - this.begun) / 1000, values });
    }
  }
}

/** The dashboard's queries over the run, every five seconds. */
async function queried(
  { server }: Stage,
  begun: number,
  seconds: number,
): Promise<Record<string, Series[]>> {
  const answers: Record<string, Series[]> = {};
  for (const { title, expression } of expressions(clusters())) {
    const range = { start: String(begun / 1000), end: String(begun / 1000 + seconds), step: '5' };
    const query = new URLSearchParams({ query: expression, ...range });
    const answer = await fetch(`${server.url}/api/v1/query_range?${query}`);
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    answers[title] = data.result.map(({ metric, values }) => ({
      name: metric.clusterID ?? '',
      points: values.map(([at, value]) => [
        Math.round(at - begun / 1000),
        +Number(value).toPrecision(4),
      ]),
    }));
  }
  return answers;
}
