import { type Format, isWhollyOurs } from '../../formats.ts';
import { OURS } from '../../objects/kubernetes/object.ts';
import { type Finding, failure, warning } from './finding.ts';

/** What of an object's metadata tells who else writes it. */
export interface Metadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly {
    readonly manager?: string;
    readonly operation?: string;
    readonly fieldsV1?: { readonly 'f:data'?: Readonly<Record<string, unknown>> };
  }[];
}

interface Owner {
  readonly who: string;
  /** What becomes of our edit at its next change. */
  readonly next: string;
  /** How to make it leave our key alone. */
  readonly tell: string;
}

/**
 * Who else writes the object, and what that does to a list in its key.
 *
 *     meta.helm.sh/release-name                 a Helm release; the label alone: a template rendered by others
 *     argocd.argoproj.io/tracking-id, /instance Argo CD
 *     *.toolkit.fluxcd.io/name                  Flux
 *     last-applied-configuration with the key   kubectl apply
 *     managedFields: Apply of the key           whoever applies server-side
 *     managed by the Prometheus Operator        it writes the object anew all the time
 */
export function checkOwner(
  about: string,
  metadata: Metadata,
  key: string,
  format: Format,
): Finding[] {
  if (isOperators(metadata)) {
    const message = 'the Prometheus Operator generates it, and writes it anew all the time';
    const remedy = 'Use the additionalScrapeConfigs Secret (format: scrape_configs), or file_sd.';
    return [failure(about, message, remedy)];
  }
  return ownersOf(metadata, key).map(({ who, next, tell }) => {
    const remedy = isWhollyOurs(format)
      ? `${tell}; or take the object out of its manifests, and let create: true make it.`
      : `The way that lasts: format: file_sd in a ConfigMap of our own, mounted beside it. Or: ${tell}.`;
    return warning(about, `${who} owns it: ${next}`, remedy);
  });
}

function ownersOf(metadata: Metadata, key: string): Owner[] {
  const { labels = {}, annotations = {} } = metadata;
  const owners: Owner[] = [];
  const release = annotations['meta.helm.sh/release-name'];
  const helm = labels['app.kubernetes.io/managed-by'] === 'Helm';
  const argo = argoApplication(metadata);
  const flux = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name'];
  if (release !== undefined) {
    owners.push({
      who: `Helm release ${release}`,
      next: "Helm 3 puts its own text back at every upgrade; Helm 4's upgrade ends in a conflict",
      tell: 'keep the schedule running, which writes the list again after an upgrade',
    });
  }
  if (argo !== undefined) {
    owners.push({
      who: `Argo CD's application ${argo}`,
      next: 'it shows as out of sync, and self-heal puts its own text back within minutes',
      tell: `give the application ignoreDifferences for /data/${key.replaceAll('/', '~1')}, and RespectIgnoreDifferences=true`,
    });
  }
  if (flux !== undefined) {
    owners.push({
      who: `Flux's ${flux}`,
      next: 'each reconciliation puts its own text back',
      tell: 'annotate the object kustomize.toolkit.fluxcd.io/ssa: IfNotPresent',
    });
  }
  if (owners.length > 0) return owners;
  if (helm) {
    const who = 'a chart that something else than Helm applies (Argo CD, Flux, kubectl)';
    const next = 'it can put its own text back whenever it is applied';
    return [{ who, next, tell: 'have that tool leave the key alone' }];
  }
  return appliersOf(metadata, key).map((manager) => ({
    who: manager,
    next: 'its next apply puts its own text back, or ends in a conflict',
    tell: 'leave the key out of what is applied',
  }));
}

function argoApplication({ labels = {}, annotations = {} }: Metadata): string | undefined {
  // As application:group/kind:namespace/name
  const tracked = annotations['argocd.argoproj.io/tracking-id']?.split(':')[0];
  return tracked ?? labels['argocd.argoproj.io/instance'];
}

/** Those who declare the key: kubectl apply on the client's side, and field managers that apply. */
function appliersOf({ annotations = {}, managedFields = [] }: Metadata, key: string): string[] {
  const managers = managedFields
    .filter(({ operation, manager, fieldsV1 }) => {
      const declared = fieldsV1?.['f:data']?.[`f:${key}`] !== undefined;
      return operation === 'Apply' && declared && manager !== OURS;
    })
    .map(({ manager = 'somebody' }) => `field manager ${manager}`);
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
