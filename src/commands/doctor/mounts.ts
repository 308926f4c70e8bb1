import { type Format, hasJobs } from '../../formats.ts';
import { count } from '../../wording.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import type { NamedObject } from './rights-check.ts';

/** The parts of a pod that show how it mounts an object. */
export interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly subPathExpr?: string;
  }[];
}

interface Items {
  readonly items?: readonly { readonly key: string }[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: Items & { readonly name?: string };
  readonly secret?: Items & { readonly secretName?: string };
  readonly projected?: {
    readonly sources?: readonly {
      readonly configMap?: Items & { readonly name?: string };
      readonly secret?: Items & { readonly name?: string };
    }[];
  };
}

/**
 * How the pods of a namespace mount a key of an object: a subPath mount never updates, a volume may omit the
 * key, and Prometheus reads a new prometheus.yml only when it is told to reload.
 */
export function checkMounts(
  about: string,
  object: Pick<NamedObject, 'kind' | 'name'>,
  key: string,
  format: Format,
  pods: readonly Pod[],
): Finding[] {
  const findings: Finding[] = [];
  let mounted = 0;
  let reloaded = 0;
  for (const { metadata, spec } of pods) {
    const volumes = (spec.volumes ?? []).flatMap((volume) => {
      const source = sourceOf(volume, object);
      return source ? [{ name: volume.name, source }] : [];
    });
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const mounts = containers.flatMap((container) =>
      (container.volumeMounts ?? [])
        .filter(({ name }) => volumes.some((volume) => volume.name === name))
        .map((mount) => ({ ...mount, container: container.name })),
    );
    if (mounts.length === 0) continue;
    mounted += 1;
    if (containers.some(reloads)) reloaded += 1;
    const without = volumes.every(
      ({ source: { items } }) => items && !items.some((item) => item.key === key),
    );
    if (without) {
      const message = `pod ${metadata.name} mounts other keys of the object, not ${key}`;
      findings.push(warning(about, message, "Add the key to the volume's items."));
    }
    for (const { container, mountPath, subPath, subPathExpr } of mounts) {
      if (!subPath && !subPathExpr) continue;
      const where = `pod ${metadata.name} mounts it with subPath (container ${container}, ${mountPath})`;
      findings.push(
        failure(about, `${where}: it never receives an update`, 'Mount the volume as a directory.'),
      );
    }
  }
  if (mounted === 0) {
    const remedy =
      'Mount it into the pod that reads the list; the object must exist before the pod starts.';
    return [warning(about, 'no pod in its namespace mounts it', remedy)];
  }
  // Thanos and file_sd watch their files.
  if (hasJobs(format) && reloaded === 0) {
    const message = 'no container in the pods that mount it appears to reload Prometheus';
    const remedy =
      "Run the chart's configmap-reload, or Prometheus 3 with --enable-feature=auto-reload-config.";
    findings.push(warning(about, message, remedy));
  }
  return findings.length > 0
    ? findings
    : [ok(about, `mounted as a directory by ${count(mounted, 'pod')}`)];
}

/** How to check by hand, without the permission to list pods. */
export function mountsByHand(about: string, namespace: string): Finding {
  const path =
    '{range .items[*].spec.containers[*].volumeMounts[?(@.subPath)]}{.name} {.mountPath} {.subPath}{"\\n"}{end}';
  return warning(
    about,
    'how pods mount it was not checked: that needs permission to list pods, which a sync does not',
    `A subPath mount never updates. Check whether this prints its volume: kubectl -n ${namespace} get pods -o jsonpath='${path}'`,
  );
}

function sourceOf(volume: Volume, { kind, name }: Pick<NamedObject, 'kind' | 'name'>) {
  const sources = volume.projected?.sources ?? [];
  if (kind === 'configMap') {
    return [volume.configMap, ...sources.map((one) => one.configMap)].find(
      (one) => one?.name === name,
    );
  }
  if (volume.secret?.secretName === name) return volume.secret;
  return sources.map((one) => one.secret).find((one) => one?.name === name);
}

function reloads({ name, image = '', args = [], command = [] }: Container): boolean {
  const words = [...args, ...command].join(' ');
  return /reload/.test(`${name} ${image}`) || /auto-reload-config/.test(words);
}
