import assert from 'node:assert/strict';
import type { JobReport } from '../../src/report.ts';
import { type CentralCluster, SETTINGS } from './central-cluster.ts';
import { type CommandLine, install } from './command-line.ts';
import { type DeployedFunction, deploy } from './function.ts';
import type { Narrator } from './narrator.ts';

/** Who acts in the story: the central cluster, the function, a person with the command line, and who tells it. */
export class Cast {
  readonly cluster: CentralCluster;
  readonly narrator: Narrator;
  readonly #function: DeployedFunction;
  readonly #commandLine: CommandLine;

  private constructor(
    cluster: CentralCluster,
    narrator: Narrator,
    deployed: DeployedFunction,
    commandLine: CommandLine,
  ) {
    this.cluster = cluster;
    this.narrator = narrator;
    this.#function = deployed;
    this.#commandLine = commandLine;
  }

  static async start(cluster: CentralCluster, narrator: Narrator): Promise<Cast> {
    const deployed = await deploy(SETTINGS, cluster.env);
    return new Cast(cluster, narrator, deployed, await install(SETTINGS, cluster.env));
  }

  /** The function gets the event; prints what changed, and its report. */
  async invoke(event: unknown): Promise<JobReport> {
    const before = this.cluster.text();
    const [answer, seconds] = await timed(() => this.#function.invoke(event));
    assert('response' in answer, `the function failed: ${JSON.stringify(answer)}`);
    const [job] = answer.response.jobs;
    assert(job, 'the function reports one job');
    this.narrator.changed(before, this.cluster.text());
    this.narrator.job(job, seconds);
    return job;
  }

  /** The same where the invocation fails; returns the error's code. */
  async invokeInVain(event: unknown): Promise<string> {
    const before = this.cluster.text();
    const [answer, seconds] = await timed(() => this.#function.invoke(event));
    assert('error' in answer, 'the invocation fails');
    assert.equal(this.cluster.text(), before, 'the ConfigMap is not touched');
    const [code = ''] = answer.error.split(':');
    this.narrator.say(
      `failed: ${code}; the ConfigMap is not touched (${seconds})`,
      'yellow',
      '   ',
    );
    return code;
  }

  /** A person runs `federation-sync ARGS`; prints the command, its output and what it changed. */
  async run(expected: number, ...args: readonly string[]): Promise<string> {
    this.narrator.command(['federation-sync', ...args].join(' '));
    const before = this.cluster.text();
    const [{ code, lines }, seconds] = await timed(() => this.#commandLine.run(...args));
    this.narrator.output(lines);
    this.narrator.changed(before, this.cluster.text());
    assert.equal(code, expected, 'the exit code');
    this.narrator.say(`exit code ${code} (${seconds})`, 'dim', '   ');
    return lines.join('\n');
  }

  async stop(): Promise<void> {
    await this.#function.remove();
    await this.#commandLine.remove();
    await this.cluster.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, seconds: string]> {
  const begun = performance.now();
  const result = await work();
  return [result, `${((performance.now() - begun) / 1000).toFixed(2)} s`];
}
