import { type Format, hasJobs } from '../../formats.ts';
import { type Container, mountsOf, type Pod } from '../../objects/kubernetes/mounts.ts';
import { count } from '../../wording.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import type { NamedObject } from './rights-check.ts';

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
  for (const pod of pods) {
    const { metadata, spec } = pod;
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const mounts = mountsOf(pod, containers, object);
    if (mounts.length === 0) continue;
    mounted += 1;
    if (containers.some(reloads)) reloaded += 1;
    if (mounts.every(({ keys }) => keys && !keys.includes(key))) {
      const message = `pod ${metadata.name} mounts other keys of the object, not ${key}`;
      findings.push(warning(about, message, "Add the key to the volume's items."));
    }
    for (const { container, mountPath } of mounts.filter(({ isSubPath }) => isSubPath)) {
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
      "Run the chart's configmap-reload, or Prometheus (3.12 or newer) with --config.auto-reload.";
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

function reloads({ name, image = '', args = [], command = [] }: Container): boolean {
  const words = [...args, ...command].join(' ');
  return /reload/.test(`${name} ${image}`) || /auto-reload/.test(words);
}
