import { type Format, isWhollyOurs } from '../../formats.ts';
import { OURS } from '../../objects/kubernetes/object.ts';
import { type Finding, failure, warning } from './finding.ts';

/** The metadata that shows who else writes an object. */
export interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly {
    readonly manager?: string;
    readonly operation?: string;
    readonly fieldsV1?: {
      readonly 'f:data'?: Readonly<Record<string, unknown>>;
      readonly 'f:spec'?: Readonly<Record<string, unknown>>;
    };
  }[];
}

interface Owner {
  readonly who: string;
  /** What its next change does to our edit. */
  readonly next: string;
  /** How to keep it from changing our key. */
  readonly tell: string;
}

/**
 * Who else writes the object, and how that affects a list in its key.
 *
 *     meta.helm.sh/release-name                 a Helm release; the label alone: a chart applied by another tool
 *     argocd.argoproj.io/tracking-id, /instance Argo CD
 *     kustomize.toolkit.fluxcd.io/name          Flux; helm.toolkit.fluxcd.io/name: its HelmRelease
 *     last-applied-configuration with the key   kubectl apply
 *     managedFields: Apply of the key           a field manager that applies server-side
 *     managed by the Prometheus Operator        it keeps rewriting the object
 */
export function checkOwner(
  about: string,
  metadata: Metadata,
  key: string,
  format: Format,
): Finding[] {
  if (isOperators(metadata)) {
    const message = 'the Prometheus Operator generates this object and keeps rewriting it';
    const remedy = 'Use the additionalScrapeConfigs Secret (format: scrape_configs), or file_sd.';
    return [failure(about, message, remedy)];
  }
  return ownersOf(metadata, key).map(({ who, next, tell }) => {
    const remedy = isWhollyOurs(format)
      ? `${tell}; or remove the object from its manifests, and set create: true.`
      : `For a permanent fix, use format: file_sd in a separate ConfigMap, mounted alongside it. Or: ${tell}.`;
    return warning(about, `${who} owns it: ${next}`, remedy);
  });
}

/** Other managers of a ScrapeConfig's list: the sync's apply of another list ends in a conflict with them. */
export function checkFieldOwner(about: string, { managedFields = [] }: Metadata): Finding[] {
  const owners = managedFields.filter(
    ({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:staticConfigs'] !== undefined,
  );
  const isOurs = ({ manager, operation }: (typeof owners)[number]) =>
    manager === OURS && operation === 'Apply';
  const others = owners.filter((one) => !isOurs(one)).map(({ manager = 'unknown' }) => manager);
  // Of an equal list, there are several owners.
  const [also, remedy] = owners.some(isOurs)
    ? [' too', 'Remove spec.staticConfigs from what this manager writes']
    : ['', 'Hand the list over'];
  return [...new Set(others)].map((manager) =>
    failure(
      about,
      `field manager ${manager} owns spec.staticConfigs${also}: a sync cannot change it`,
      `${remedy}: infra/guides/scrape-config.md.`,
    ),
  );
}

function ownersOf(metadata: Metadata, key: string): Owner[] {
  const { labels = {}, annotations = {} } = metadata;
  const owners: Owner[] = [];
  const release = annotations['meta.helm.sh/release-name'];
  const helm = labels['app.kubernetes.io/managed-by'] === 'Helm';
  const argo = argoApplication(metadata);
  const flux = labels['kustomize.toolkit.fluxcd.io/name'];
  const fluxRelease = labels['helm.toolkit.fluxcd.io/name'];
  if (release !== undefined) {
    owners.push({
      who: `Helm release ${release}`,
      next: 'every upgrade restores its own text, or ends in a conflict (Helm 4, for a release that it created)',
      tell: 'keep the schedule enabled, which writes the list again after an upgrade',
    });
  }
  if (argo !== undefined) {
    owners.push({
      who: `the Argo CD application ${argo}`,
      next: 'it is reported as OutOfSync, and self-heal restores its own text within minutes',
      tell: `set ignoreDifferences for /data/${key.replaceAll('/', '~1')}, and RespectIgnoreDifferences=true, in the application: it then applies no change of Git to that key`,
    });
  }
  if (flux !== undefined) {
    owners.push({
      who: `Flux's ${flux}`,
      next: 'every reconciliation restores its own text',
      tell: `add /data/${key.replaceAll('/', '~1')} to spec.ignore of the Kustomization (Flux 2.9), or annotate the object kustomize.toolkit.fluxcd.io/ssa: IfNotPresent`,
    });
  }
  if (fluxRelease !== undefined) {
    owners.push({
      who: `Flux's HelmRelease ${fluxRelease}`,
      next: 'drift correction restores its own text, where driftDetection.mode is enabled',
      tell: 'add the key to driftDetection.ignore of the HelmRelease, or annotate the object helm.toolkit.fluxcd.io/driftDetection: disabled',
    });
  }
  if (owners.length > 0) return owners;
  if (helm) {
    const who = 'a chart that a tool other than Helm applies (Argo CD, Flux, kubectl)';
    const next = 'it can restore its own text whenever it is applied';
    return [{ who, next, tell: 'configure that tool to ignore the key' }];
  }
  return appliersOf(metadata, key).map((manager) => ({
    who: manager,
    next: 'its next apply restores its own text, or ends in a conflict',
    tell: 'remove the key from the applied manifest',
  }));
}

function argoApplication({ labels = {}, annotations = {} }: Metadata): string | undefined {
  // As application:group/kind:namespace/name
  const tracked = annotations['argocd.argoproj.io/tracking-id']?.split(':')[0];
  return tracked ?? labels['argocd.argoproj.io/instance'];
}

/** Those who declare the key: client-side kubectl apply, and field managers that apply server-side. */
function appliersOf({ annotations = {}, managedFields = [] }: Metadata, key: string): string[] {
  const managers = managedFields
    .filter(({ operation, manager, fieldsV1 }) => {
      const declared = fieldsV1?.['f:data']?.[`f:${key}`] !== undefined;
      return operation === 'Apply' && declared && manager !== OURS;
    })
    .map(({ manager = 'unknown' }) => `field manager ${manager}`);
  const applied = annotations['kubectl.kubernetes.io/last-applied-configuration'] ?? '';
  return declares(applied, key) ? ['kubectl apply', ...managers] : managers;
}

function declares(manifest: string, key: string): boolean {
  try {
    const { data, stringData } = JSON.parse(manifest) as Record<string, object | undefined>;
    return key in (data ?? {}) || key in (stringData ?? {});
  } catch {
    return false;
  }
}

function isOperators({ labels = {}, annotations = {} }: Metadata): boolean {
  return (
    labels['app.kubernetes.io/managed-by'] === 'prometheus-operator' ||
    labels['managed-by'] === 'prometheus-operator' ||
    annotations.generated === 'true'
  );
}
