import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { panelsOf } from '../../system/infra/panels.ts';
import type { Counted, Metrics, Series } from '../samples.ts';
import {
  lines,
  plotted,
  type Span,
  seriesColour,
  shownValue,
  stackedBars,
  states,
} from './charts.ts';
import { colour, escaped, type Layout, type Picture, text, wrapped } from './picture.ts';

/** In place of the 300 s of the dashboard: the run took minutes, not a day. */
const PERIOD = 20;
/** Of the queries to the federation server. */
const STEP = 5;

/** The most panels in a row, and characters in a line of the story. */
const SIZES = {
  wide: { width: 800, stats: 6, charts: 2, characters: 125, legend: 11 },
  narrow: { width: 400, stats: 2, charts: 1, characters: 58, legend: 10 },
};
const GAP = 12;
const HEIGHTS = { stat: 74, chart: 170 };

interface Drawn {
  readonly panel: Panel;
  readonly series: readonly Series[];
}

/** The panels of "Clusters" for which the run has samples. */
export function clustersPicture(dashboard: Dashboard, metrics: Metrics, layout?: Layout): Picture {
  return picture(dashboard, metrics, (panel) => metrics.clusters[panel.title ?? ''] ?? [], layout);
}

/** The panels of "Federation sync" whose metrics the function itself writes. */
export function federationSyncPicture(
  dashboard: Dashboard,
  metrics: Metrics,
  layout?: Layout,
): Picture {
  const seriesOf = ({ targets = [] }: Panel) =>
    (targets as unknown as Target[])
      .filter(({ namespace }) => namespace === 'FederationSync')
      .map((target) => ofMetric(target, metrics.function))
      .filter(({ points }) => points.length > 0);
  return picture(dashboard, metrics, seriesOf, layout);
}

interface Target {
  readonly namespace?: string;
  readonly metricName: string;
  readonly statistic: 'Sum' | 'Maximum';
  readonly label: string;
}

/** As CloudWatch does: the values of each period by the panel's statistic. */
function ofMetric({ metricName, statistic, label }: Target, all: readonly Counted[]): Series {
  const periods = Map.groupBy(
    all.filter(({ values }) => metricName in values),
    ({ at }) => Math.floor(at / PERIOD),
  );
  const points = [...periods].map(([period, some]): [number, number] => {
    const values = some.map((one) => one.values[metricName] as number);
    const value =
      statistic === 'Sum' ? values.reduce((sum, one) => sum + one, 0) : Math.max(...values);
    return [(period + 0.5) * PERIOD, value];
  });
  return { name: label.replace(/\$\{PROP\('Dim\.job'\)\}(: )?/, ''), points };
}

function picture(
  dashboard: Dashboard,
  metrics: Metrics,
  seriesOf: (panel: Panel) => readonly Series[],
  layout: Layout = 'wide',
): Picture {
  const size = SIZES[layout];
  const drawn = panelsOf(dashboard)
    .map((panel): Drawn => ({ panel, series: seriesOf(panel) }))
    .filter(({ series }) => series.length > 0);
  const [stats, charts] = [true, false].map((wanted) =>
    drawn.filter(({ panel }) => (panel.type === 'stat') === wanted),
  ) as [Drawn[], Drawn[]];
  const span = { seconds: metrics.seconds, events: metrics.events.map(([at]) => at) };
  const parts: string[] = [];
  let y = GAP;
  const title = [`${dashboard.title}`, `${metrics.date}, ${metrics.command}`];
  for (const line of layout === 'wide' ? [title.join(': ')] : title) {
    parts.push(text(GAP, y + 14, line, { size: 14, weight: 'bold' }));
    y += 20;
  }
  y += 8;
  const statRow = { width: size.width, columns: Math.min(stats.length, size.stats) };
  y = inRows(stats, statRow, y, HEIGHTS.stat, (one, x, at, width) =>
    parts.push(statPanel(one, x, at, width)),
  );
  const chartRow = { width: size.width, columns: size.charts };
  y = inRows(charts, chartRow, y, HEIGHTS.chart, (one, x, at, width) =>
    parts.push(chartPanel(one, x, at, width, span, size.legend)),
  );
  const story = metrics.events.map(([at, what]) => `${at} s ${what}`).join('; ');
  for (const line of wrapped(`Dashed: ${story}.`, size.characters)) {
    parts.push(text(GAP, y + 12, line, { size: 11.5, fill: 'dim' }));
    y += 16;
  }
  return {
    width: size.width,
    height: y + GAP,
    title: title.join(': '),
    description: `Panels ${drawn.map(({ panel }) => panel.title).join(', ')}; ${story}. ${metrics.machine}.`,
    content: parts.join('\n'),
  };
}

/** Calls `draw` for each, so many columns in a row; returns where the next row begins. */
function inRows(
  all: readonly Drawn[],
  { columns, ...row }: { readonly width: number; readonly columns: number },
  from: number,
  height: number,
  draw: (one: Drawn, x: number, y: number, width: number) => void,
): number {
  const width = (row.width - GAP * (columns + 1)) / columns;
  for (const [i, one] of all.entries()) {
    const y = from + Math.floor(i / columns) * (height + GAP);
    draw(one, GAP + (i % columns) * (width + GAP), y, width);
  }
  return from + Math.ceil(all.length / columns) * (height + GAP);
}

const box = (x: number, y: number, width: number, height: number) =>
  `<rect class="fill-bar stroke-faint" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`;

const stepOf = ({ datasource }: Panel) => (datasource?.type === 'prometheus' ? STEP : PERIOD);

const unitOf = ({ fieldConfig }: Panel) => fieldConfig?.defaults.unit ?? '';

function statPanel({ panel, series }: Drawn, x: number, y: number, width: number): string {
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const { calcs = [] } =
    (panel.options as { reduceOptions?: { calcs?: string[] } })?.reduceOptions ?? {};
  const value = calcs.includes('sum')
    ? values.reduce((sum, one) => sum + one, 0)
    : (values.at(-1) ?? 0);
  return [
    box(x, y, width, HEIGHTS.stat),
    text(x + width / 2, y + 22, panel.title ?? '', { size: 11, anchor: 'middle', fill: 'dim' }),
    text(x + width / 2, y + 56, shownValue(value, unitOf(panel)), {
      ...{ size: 24, anchor: 'middle', weight: 'bold', fill: 'blue' },
    }),
  ].join('');
}

function chartPanel(
  { panel, series }: Drawn,
  x: number,
  y: number,
  width: number,
  span: Span,
  legendSize: number,
): string {
  const custom = panel.fieldConfig?.defaults.custom as { drawStyle?: string } | undefined;
  const chart = { width: width - 8, height: HEIGHTS.chart - 46 };
  const unit = unitOf(panel);
  const isStates = panel.type === 'state-timeline';
  const options = isStates
    ? states(series, chart, span, STEP)
    : custom?.drawStyle === 'bars'
      ? stackedBars(series, unit, chart, span, PERIOD)
      : lines(series, unit, chart, span, stepOf(panel));
  return [
    box(x, y, width, HEIGHTS.chart),
    text(x + 10, y + 19, panel.title ?? '', { weight: 'bold' }),
    isStates || series.length < 2 ? '' : legend(series, x + 10, y + 36, legendSize),
    plotted(options, x + 4, y + 44),
  ].join('');
}

function legend(series: readonly Series[], x: number, y: number, size: number): string {
  const entries = series.map(
    ({ name }, i) =>
      `<tspan fill="${colour(seriesColour(i))}">■</tspan> <tspan>${escaped(name)}</tspan>`,
  );
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${colour('dim')}">${entries.join('  ')}</text>`;
}
