import { asFault } from '../../fault.ts';
import { type KubernetesRef, objectText } from '../../location.ts';
import type { KubernetesClient } from '../../objects/kubernetes/client.ts';
import type { Run } from '../../run.ts';
import { type Finding, failure, note, ok, warning } from './finding.ts';
import type { Rights } from './rights-check.ts';

const GROUP = 'monitoring.coreos.com';

/** metav1.LabelSelector. */
interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** The parts of the operator's Prometheus that concern a ScrapeConfig. */
interface PrometheusResource {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly scrapeConfigSelector?: Selector | null;
    readonly scrapeConfigNamespaceSelector?: Selector | null;
    readonly enforcedNamespaceLabel?: string;
    readonly shards?: number;
    readonly scrapeClasses?: readonly {
      readonly name: string;
      readonly default?: boolean;
      readonly relabelings?: readonly unknown[];
    }[];
  };
}

interface ScrapeConfigResource {
  readonly metadata: { readonly labels?: Labels };
  /** scrapeClass replaces the default one. */
  readonly spec?: { readonly scrapeClass?: string };
}

type Labels = Readonly<Record<string, string>>;
type Named = Pick<KubernetesRef, 'namespace' | 'name'>;

/**
 * Whether the operator knows ScrapeConfigs, a Prometheus of it selects this one, and what it adds to its relabelling.
 *
 * @param found the ScrapeConfig; undefined where it is missing, or cannot be read
 */
export async function checkScrapeConfig(
  object: KubernetesRef,
  found: unknown,
  client: KubernetesClient,
  rights: Rights,
  run: Run,
): Promise<Finding[]> {
  const about = objectText(object);
  if (!(await hasKind(client, run))) {
    const message = `the cluster does not know ScrapeConfigs (${GROUP}/v1alpha1)`;
    const remedy = 'Install the Prometheus Operator 0.65 or newer with its CRDs.';
    return [failure(about, message, remedy)];
  }
  if (found === undefined) return [];
  const right = { verb: 'list', resource: 'prometheuses', group: GROUP };
  if (!(await rights.may(right))) {
    const message = 'which Prometheus selects it was not checked: that needs list of prometheuses';
    const read = `{range .items[*]}{.metadata.name} {.spec.scrapeConfigSelector} {.spec.scrapeConfigNamespaceSelector}{"\\n"}{end}`;
    return [note(about, message, `kubectl get prometheuses -A -o jsonpath='${read}'`)];
  }
  const body = await client.request('GET', `/apis/${GROUP}/v1/prometheuses`, run);
  const { items } = body as { items: readonly PrometheusResource[] };
  const { metadata, spec } = found as ScrapeConfigResource;
  const { labels = {} } = metadata;
  const inNamespace = await namespaceLabels(object.namespace, items, client, rights, run);
  const selecting = items.filter((one) => selects(one, object, labels, inNamespace));
  if (selecting.length === 0) {
    const message = `none of ${items.length} Prometheus objects selects it`;
    const remedy =
      'Give it the labels of spec.scrapeConfigSelector, and its namespace those of spec.scrapeConfigNamespaceSelector; an unset selector selects nothing (of namespaces: its own).';
    return [warning(about, message, remedy)];
  }
  return selecting.map((one) => selectedBy(one, object, spec?.scrapeClass));
}

/** Older operators have other kinds of the same version, such as AlertmanagerConfig. */
async function hasKind(client: KubernetesClient, run: Run): Promise<boolean> {
  try {
    const body = await client.request('GET', `/apis/${GROUP}/v1alpha1`, run);
    const { resources } = body as { resources: readonly { readonly name: string }[] };
    return resources.some(({ name }) => name === 'scrapeconfigs');
  } catch (error) {
    const { code } = asFault(error);
    if (code === 'kubernetes-refused' || code === 'object-missing') return false;
    throw error;
  }
}

/** Only where a selector needs them, and we may read them; undefined: unknown. */
async function namespaceLabels(
  name: string,
  items: readonly PrometheusResource[],
  client: KubernetesClient,
  rights: Rights,
  run: Run,
): Promise<Labels | undefined> {
  if (items.every(({ spec }) => !isSelective(spec.scrapeConfigNamespaceSelector))) return {};
  if (!(await rights.may({ verb: 'get', resource: 'namespaces', name }))) return undefined;
  const body = await client.request('GET', `/api/v1/namespaces/${name}`, run);
  return (body as { metadata: { labels?: Labels } }).metadata.labels ?? {};
}

function isSelective(selector: Selector | null | undefined): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return Object.keys(matchLabels).length + matchExpressions.length > 0;
}

/** Unknown labels of the namespace are taken as matching. */
function selects(
  { metadata, spec }: PrometheusResource,
  object: Named,
  labels: Labels,
  inNamespace: Labels | undefined,
): boolean {
  const { scrapeConfigSelector: own, scrapeConfigNamespaceSelector: namespaces } = spec;
  if (!own || !matches(own, labels)) return false;
  if (!namespaces) return metadata.namespace === object.namespace;
  return inNamespace === undefined || matches(namespaces, inNamespace);
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        case 'In':
          return value !== undefined && values.includes(value);
        default:
          return value === undefined || !values.includes(value);
      }
    })
  );
}

/**
 * Whether the operator uses the ScrapeConfig for a Prometheus that selects it, and what it adds.
 *
 * @param className its spec.scrapeClass
 * Source: pkg/prometheus/promcfg.go and resource_selector.go of the operator
 */
function selectedBy(
  { metadata, spec }: PrometheusResource,
  object: KubernetesRef,
  className: string | undefined,
): Finding {
  const { namespace, name } = object;
  const { enforcedNamespaceLabel, shards = 1, scrapeClasses = [] } = spec;
  const about = objectText(object);
  const selecting = `prometheus/${metadata.namespace}/${metadata.name} selects it`;
  const scrapeClass = scrapeClasses.find((one) =>
    className === undefined ? one.default : one.name === className,
  );
  if (className !== undefined && !scrapeClass) {
    const message = `${selecting}, but has no scrape class ${className}: the operator skips it`;
    const remedy = 'Add that class to its spec.scrapeClasses, or correct spec.scrapeClass here.';
    return failure(about, message, remedy);
  }
  const added = [
    ...(enforcedNamespaceLabel ? [`the label ${enforcedNamespaceLabel}="${namespace}"`] : []),
    ...(shards > 1 ? [`hashmod over ${shards} shards`] : []),
    ...(scrapeClass?.relabelings?.length
      ? [`the relabelings of the scrape class ${scrapeClass.name}`]
      : []),
  ];
  const adds = added.length > 0 ? `; the operator adds ${added.join(', ')}` : '';
  return ok(about, `${selecting}, as job scrapeConfig/${namespace}/${name}${adds}`);
}
