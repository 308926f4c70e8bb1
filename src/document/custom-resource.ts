import { CORE_SCHEMA, load, mergeTag } from 'js-yaml';
import { Fault } from '../fault.ts';
import { resourceText, type StaticConfig } from '../formats.ts';
import type { Target } from '../target.ts';
import { checkRendered } from './file-sd.ts';
import type { ManagedList } from './managed-list.ts';
import { sameList } from './same-list.ts';
import { groupsOf } from './target-groups.ts';

interface Resource {
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * A ScrapeConfig of the Prometheus Operator: as it was read (`resourceText`), or the template that it is created from.
 * Its list is spec.staticConfigs.
 *
 * Throws Fault `document-broken`, `document-unsafe`.
 * Source: github.com/prometheus-operator/prometheus-operator, example/prometheus-operator-crd, scrapeconfigs v1alpha1
 */
export function openCustomResource(text: string): ManagedList {
  const resource = parse(text);
  const { targets, onlyGroup } = read(resource);
  const { relabelings } = resource.spec ?? {};
  return {
    targets,
    // The operator's own relabelling leaves __address__ as it is: a URL needs the spec's own.
    relabelled: Array.isArray(relabelings) && relabelings.length > 0,
    write(wanted) {
      // Of a template, this is its JSON.
      if (sameList(targets, wanted)) return resourceText(resource);
      // The CRD refuses a target twice in one group.
      const addresses = new Set(wanted.map(({ address }) => address));
      const current = addresses.size === wanted.length ? onlyGroup : undefined;
      const staticConfigs = groupsOf(wanted, current).map(({ addresses, labels }) => ({
        targets: addresses,
        labels,
      }));
      const written = resourceText({ ...resource, spec: { ...resource.spec, staticConfigs } });
      checkRendered(() => read(parse(written)).targets, wanted);
      return written;
    },
  };
}

function parse(text: string): Resource {
  let parsed: unknown;
  try {
    parsed = text.startsWith('{')
      ? JSON.parse(text)
      : load(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
  } catch {
    // The exception quotes the text, so it is not kept as the cause.
    throw new Fault('document-broken', 'The ScrapeConfig is not valid YAML.');
  }
  const { kind, apiVersion, spec } = (parsed ?? {}) as Record<string, unknown>;
  if (kind !== 'ScrapeConfig' || apiVersion !== 'monitoring.coreos.com/v1alpha1') {
    const message = 'The document must be a ScrapeConfig of monitoring.coreos.com/v1alpha1.';
    throw new Fault('document-format', message, { remedy: 'Write kind and apiVersion so.' });
  }
  if (spec !== undefined && (typeof spec !== 'object' || spec === null || Array.isArray(spec))) {
    throw new Fault('document-unsafe', 'The spec of the ScrapeConfig must be a mapping.');
  }
  return parsed as Resource;
}

function read({ spec = {} }: Resource): {
  targets: Target[];
  onlyGroup: Target['labels'] | undefined;
} {
  const groups = spec.staticConfigs ?? [];
  if (!Array.isArray(groups) || !groups.every(isGroup)) {
    const what = 'spec.staticConfigs of the ScrapeConfig must be a list of targets and labels';
    throw new Fault('document-unsafe', `${what}, all of them text.`);
  }
  const labelled = groups.map(({ targets, labels = {} }) => ({
    targets,
    // Prometheus ignores a label without a value.
    labels: Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '')),
  }));
  return {
    targets: labelled.flatMap(({ targets, labels }) =>
      targets.map((address) => ({ address, labels })),
    ),
    onlyGroup: labelled.length === 1 ? labelled[0]?.labels : undefined,
  };
}

/** As the CRD requires it; an API server has checked what it returns, a template is a person's. */
function isGroup(value: unknown): value is StaticConfig {
  const { targets, labels } = (value ?? {}) as Record<string, unknown>;
  return (
    Array.isArray(targets) &&
    targets.every(isText) &&
    (labels === undefined ||
      (typeof labels === 'object' && labels !== null && Object.values(labels).every(isText)))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
