import { type Format, hasJobs } from '../../formats.ts';
import { type Container, containersOf, type Pod } from '../../objects/kubernetes/mounts.ts';
import { type Finding, note, ok, warning } from './finding.ts';

export interface Reloading {
  /** Of /api/v1/status/flags; undefined where the server or a proxy does not answer that. */
  readonly flags: Readonly<Record<string, string>> | undefined;
  /** Those that mount the object; undefined if we may not list pods. */
  readonly pods: readonly Pod[] | undefined;
  readonly format: Format;
  /** Whether the settings make a sync reload the server after a write (`reload: true`). */
  readonly reload: boolean;
}

/**
 * Whether the server that reads a list loads a new one without a person, and by what. `about` is the server's URL.
 *
 *     format without jobs (file_sd, ...)    it watches the file
 *     --config.auto-reload                  it compares its configuration every 30 s (by default)
 *     a reloader next to it                 the chart's configmap-reload, the operator's prometheus-config-reloader
 *     reload: true                          a sync posts to /-/reload, which needs --web.enable-lifecycle
 *
 * Source: Prometheus documentation, "Configuration"; the flag is stable since 3.12, before that it was a feature.
 */
export function checkReload(about: string, { flags, pods, format, reload }: Reloading): Finding {
  if (!hasJobs(format)) return ok(about, `${format}: the server reads a new list by itself`);
  if (flags?.['config.auto-reload'] === 'true') {
    const interval = flags['config.auto-reload-interval'];
    const every = interval ? `, within ${interval}` : '';
    return ok(about, `it reloads its configuration by itself${every} (--config.auto-reload)`);
  }
  if (flags?.['enable-feature']?.split(',').includes('auto-reload-config')) {
    return ok(
      about,
      'it reloads its configuration by itself (--enable-feature=auto-reload-config)',
    );
  }
  const reloader = reloaderIn(pods ?? []);
  if (reloader) return ok(about, `${reloader} reloads it`);
  if (reload) {
    if (flags?.['web.enable-lifecycle'] !== 'false') {
      return ok(about, 'a sync reloads it after each write (reload: true); nothing else does');
    }
    const message = 'it does not accept the reload of a sync (reload: true)';
    return warning(
      about,
      message,
      'Start it with --web.enable-lifecycle, or --config.auto-reload.',
    );
  }
  if (flags === undefined || pods === undefined) {
    const missing = flags === undefined ? 'its flags' : 'the pods, which may have a reloader';
    return note(about, `unknown whether it reloads by itself: we cannot read ${missing}`, REMEDY);
  }
  return warning(about, 'nothing makes it load a new list: no flag, no reloader', REMEDY);
}

const REMEDY =
  "Start Prometheus 3.12 or newer with --config.auto-reload, run the chart's configmap-reload next to it, or set reload: true for the server in the settings.";

/** As `container config-reloader of pod prometheus-0`. */
function reloaderIn(pods: readonly Pod[]): string | undefined {
  for (const pod of pods) {
    const found = containersOf(pod).find(isReloader);
    if (found) return `container ${found.name} of pod ${pod.metadata.name}`;
  }
  return undefined;
}

/**
 * By its image or its command, not by its name: the operator's `init-config-reloader` has the image of a reloader, and
 * ends once Prometheus starts.
 */
function isReloader({ image = '', args = [], command = [] }: Container): boolean {
  const words = [image, ...command, ...args];
  if (args.some((arg) => /^--watch-interval=0(s|$)/.test(arg))) return false;
  return words.some((word) =>
    /(?:configmap|config)-reload(?:er)?\b|\bk8s-sidecar\b|--?(?:webhook-url|reload-url)[= ]/.test(
      word,
    ),
  );
}
