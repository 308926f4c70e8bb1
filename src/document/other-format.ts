import { Fault } from '../fault.ts';
import type { Format } from '../formats.ts';
import { keyText } from './yaml/merge-keys.ts';
import { children, isList, isMapping, pairs, resolve, type Yaml } from './yaml/nodes.ts';
import type { NodeId } from './yaml/ranges.ts';

/** Fault `document-format` where the document is clearly one of another format than `format`. */
export function refuseOtherFormat(yaml: Yaml, format: Format): void {
  const written = formatOf(yaml);
  if (written === undefined || written === format) return;
  throw new Fault('document-format', `The document has the format ${written}, not ${format}.`, {
    remedy: `Set format: ${written}, or use another key or object for this list.`,
  });
}

function formatOf(yaml: Yaml): Format | undefined {
  const { root } = yaml;
  if (root === undefined) return undefined;
  if (isMapping(yaml, root)) {
    if (has(yaml, root, 'endpoints')) return 'thanos_endpoints';
    return has(yaml, root, 'scrape_configs') ? 'static_configs' : undefined;
  }
  const items = isList(yaml, root) ? children(yaml, root) : [];
  const some = (key: string) => items.some((item) => has(yaml, resolve(yaml, item), key));
  if (some('job_name')) return 'scrape_configs';
  return some('targets') ? 'file_sd' : undefined;
}

function has(yaml: Yaml, node: NodeId, name: string): boolean {
  return isMapping(yaml, node) && pairs(yaml, node).some(({ key }) => keyText(yaml, key) === name);
}
