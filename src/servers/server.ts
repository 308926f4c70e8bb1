import type { Format } from '../formats.ts';
import type { Job, Place } from '../job.ts';
import { fileNameOf } from '../location.ts';
import type { Run } from '../run.ts';
import type { Target } from '../target.ts';

/** A server's version and configuration. */
export interface About {
  /** Such as 2.42.0; undefined where a proxy does not allow the request. */
  readonly version: string | undefined;
  /** When the current configuration was loaded, and whether the last attempt to load one succeeded. */
  readonly loadedAt: string | undefined;
  readonly reloaded: boolean | undefined;
  /** The loaded configuration as Prometheus prints it: with defaults, without secrets. Empty for Thanos Query. */
  readonly yaml: string;
}

/** A target as discovery found it, before relabelling: `__address__`, `__meta_*` and labels. */
export interface Discovered {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** The job_name; 2.42 omits it for dropped targets. */
  readonly scrapePool?: string | undefined;
}

export interface ActiveTarget extends Discovered {
  readonly health: string;
  readonly lastError: string;
}

/** The targets of a scrape pool, or of all. */
export interface PoolTargets {
  readonly active: readonly ActiveTarget[];
  /** Targets dropped by relabelling, as far as Prometheus keeps them (`keep_dropped_targets`). */
  readonly dropped: readonly Discovered[];
  /** The number of dropped targets that it did not keep. */
  readonly forgotten: number;
}

/** How to find a list in a server. */
export interface ListIdentity {
  readonly format: Format;
  readonly job: string;
  /** Of the key or the file, such as targets.yaml: it identifies a file_sd list. */
  readonly fileName: string;
}

export function identityOf(job: Job, { format, location }: Place): ListIdentity {
  // The name that the operator generates: pkg/prometheus/promcfg.go, generateScrapeConfig.
  const name =
    location.kind === 'scrapeConfig'
      ? `scrapeConfig/${location.namespace}/${location.name}`
      : job.job;
  return { format, job: name, fileName: baseName(fileNameOf(location)) };
}

export function baseName(path: string): string {
  return path.replace(/^.*[/\\]/s, '');
}

/** A list as a server has loaded it. */
export interface LoadedList {
  readonly targets: readonly Target[];
  /** Targets that it may have dropped and does not show: a list that lacks as many may be complete. */
  readonly forgotten: number;
  /** Targets of other files or flags are among them. */
  readonly mixed: boolean;
}

/**
 * A server that reads lists. Throws what its link throws, and `prometheus-refused` for a response that such a server
 * does not send.
 */
export interface ListServer {
  readonly url: string;
  /** @param brief only the configuration, in one request */
  about(run: Run, brief?: boolean): Promise<About>;
  /** The list, and the state of its targets. */
  served(asked: ListIdentity, about: About, run: Run): Promise<LoadedList & { pool: PoolTargets }>;
  /** The list as it is now, with as few requests as that needs. */
  loaded(asked: ListIdentity, run: Run): Promise<LoadedList>;
  /** The flags that it was started with, by name: `config.auto-reload` is `true` or `false`. */
  flags(run: Run): Promise<Readonly<Record<string, string>>>;
  /** Makes the server read its configuration again. */
  reload(run: Run): Promise<void>;
}
