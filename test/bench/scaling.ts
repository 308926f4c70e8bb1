/**
 * How far one list goes: the size of each document for 10 to 10,000 clusters against what a ConfigMap holds, and
 * the scrapes a second of each server that shares it. Computed, not measured. `--page` writes the table into
 * infra/reference/performance.md.
 */
import { openList } from '../../src/document/document.ts';
import type { Format } from '../../src/formats.ts';
import { writeSection } from './page.ts';

const LIMIT = 1024 * 1024;
const CLUSTERS = [10, 100, 1_000, 10_000];
const SHARDS = [1, 2, 4, 8];
/** Seconds between two scrapes of one target, as infra/helm has it. */
const INTERVAL = 30;

const JOB =
  "- job_name: federate\n  honor_labels: true\n  metrics_path: /federate\n  params:\n    'match[]': ['{__name__=~\"job:.*\"}']\n";
const DOCUMENTS: readonly {
  title: string;
  format: Format;
  text: string | undefined;
  json?: true;
}[] = [
  {
    title: '`static_configs` in prometheus.yml',
    format: 'static_configs',
    text: `scrape_configs:\n${JOB}`,
  },
  { title: '`scrape_configs`', format: 'scrape_configs', text: JOB },
  { title: '`file_sd`, YAML', format: 'file_sd', text: undefined },
  { title: '`file_sd`, JSON', format: 'file_sd', text: undefined, json: true },
  { title: '`thanos_endpoints`', format: 'thanos_endpoints', text: undefined },
];

/** Bytes of the document with this many clusters, named as long as such names are. */
function sizeOf(document: (typeof DOCUMENTS)[number], clusters: number): number {
  const { format, text, json = false } = document;
  const targets = Array.from({ length: clusters }, (_, i) => {
    const label = `cluster-${String(i).padStart(5, '0')}`;
    const host = `${label}.prometheus.internal`;
    return {
      address: format === 'thanos_endpoints' ? `${host}:10901` : `${host}.`,
      labels: { clusterID: label },
    };
  });
  return Buffer.byteLength(openList(text, { format, job: 'federate', json }).write(targets));
}

const kib = (bytes: number) => `${(bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0)} KiB`;
const share = (bytes: number) => `${kib(bytes)}${bytes > LIMIT ? ' **too large**' : ''}`;
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function table(): string {
  const rows = DOCUMENTS.map((document) => {
    const most =
      Math.floor(LIMIT / ((sizeOf(document, 1_000) - sizeOf(document, 0)) / 1_000) / 100) * 100;
    const sizes = CLUSTERS.map((clusters) => share(sizeOf(document, clusters)));
    return row([document.title, ...sizes, `about ${most.toLocaleString('en')}`]);
  });
  const scrapes = SHARDS.map((shards) =>
    row([
      shards === 1 ? '1 server' : `${shards} servers, by hashmod`,
      ...CLUSTERS.map((clusters) =>
        (clusters / shards / INTERVAL).toFixed(clusters / shards < 300 ? 1 : 0),
      ),
      '',
    ]),
  );
  return [
    row([
      'document',
      ...CLUSTERS.map((clusters) => `${clusters.toLocaleString('en')} clusters`),
      'most in 1 MiB',
    ]),
    row(['---', ...CLUSTERS.map(() => '---:'), '---:']),
    ...rows,
    row(['**scrapes a second, each server**', ...CLUSTERS.map(() => ''), '']),
    ...scrapes,
  ].join('\n');
}

const text = `Names as long as \`cluster-00001.prometheus.internal.\`, one label, a scrape every ${INTERVAL} s:

${table()}

A ConfigMap that is full is refused with \`object-too-large\`. Long before that the scrapes are the limit: split the
list over several servers ([infra/tree.yml](../tree.yml)), each keeping its part by \`hashmod\`, and federate those at a root.
`;

if (process.argv.includes('--page')) await writeSection('scaling', text);
else process.stdout.write(text);
