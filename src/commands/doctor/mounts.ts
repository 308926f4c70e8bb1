import type { Format } from '../../formats.ts';
import { containersOf, mountsOf, type Pod, subPathText } from '../../objects/kubernetes/mounts.ts';
import { count } from '../../wording.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import { checkReload } from './reload-check.ts';
import type { NamedObject } from './rights-check.ts';

/** The pods that mount an object, in any container. */
export function podsMounting(object: Pick<NamedObject, 'kind' | 'name'>, pods: readonly Pod[]) {
  return pods.filter((pod) => mountsOf(pod, containersOf(pod), object).length > 0);
}

/**
 * How pods mount a key of an object: a subPath mount never updates, a volume may omit the key, and Prometheus reads a
 * new prometheus.yml only when something makes it reload.
 *
 * @param mounting those that mount the object (`podsMounting`)
 * @param isServed a server of this list can be queried, and is checked by itself
 */
export function checkMounts(
  about: string,
  object: Pick<NamedObject, 'kind' | 'name'>,
  key: string,
  format: Format,
  mounting: readonly Pod[],
  isServed = false,
): Finding[] {
  const findings: Finding[] = [];
  for (const pod of mounting) {
    const mounts = mountsOf(pod, containersOf(pod), object);
    if (mounts.every(({ keys }) => keys && !keys.includes(key))) {
      const message = `pod ${pod.metadata.name} mounts other keys of the object, not ${key}`;
      findings.push(warning(about, message, "Add the key to the volume's items."));
    }
    for (const mount of mounts.filter(({ isSubPath }) => isSubPath)) {
      findings.push(failure(about, subPathText(pod, mount), 'Mount the volume as a directory.'));
    }
  }
  if (mounting.length === 0) {
    const remedy =
      'Mount it into the pod that reads the list; the object must exist before the pod starts.';
    return [warning(about, 'no pod in its namespace mounts it', remedy)];
  }
  // A server that can be queried says itself which flags it has.
  if (!isServed) {
    const reload = { flags: flagsOf(mounting), pods: mounting, format, reload: false };
    const finding = checkReload(about, reload);
    if (finding.status !== 'ok') findings.push(finding);
  }
  return findings.length > 0
    ? findings
    : [ok(about, `mounted as a directory by ${count(mounting.length, 'pod')}`)];
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

/** The flags of Prometheus as its containers are started with them. */
function flagsOf(pods: readonly Pod[]): Record<string, string> {
  const args = pods.flatMap(({ spec }) =>
    spec.containers.flatMap(({ args = [], command = [] }) => [...command, ...args]),
  );
  const flags = args.flatMap((arg) => {
    const [, name, value = 'true'] = /^--([\w.-]+)(?:=(.*))?$/.exec(arg) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(flags);
}
