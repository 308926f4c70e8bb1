import {
  GraphDrawStyle,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

export type AnyPanel = StatBuilder | StateTimelineBuilder | TableBuilder | TimeSeriesBuilder;

/** Grafana's grid has 24 columns. */
const columns = 24;

export const stat = (title: string, description: string) =>
  new StatBuilder().title(title).description(description);

/** A stat with the sum over the displayed time range. */
export const total = (title: string, description: string) =>
  stat(title, description).reduceOptions(new ReduceDataOptionsBuilder().calcs(['sum']));

export const timeSeries = (title: string, description: string) =>
  new TimeSeriesBuilder().title(title).description(description).min(0).fillOpacity(10);

/** Bars on top of each other, for parts of a whole that have values now and then. */
export const stackedBars = (title: string, description: string) =>
  timeSeries(title, description)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(60)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal));

export const stateTimeline = (title: string, description: string) =>
  new StateTimelineBuilder().title(title).description(description);

/** A table of the last `period`, such as 10m, whatever range the dashboard shows. */
export const tableOf = (period: string, title: string, description: string) =>
  new TableBuilder().title(title).description(description).timeFrom(period);

/** Adds rows of panels; panels in a row have the same width. */
export function withRows(
  dashboard: DashboardBuilder,
  rows: readonly { readonly height: number; readonly panels: readonly AnyPanel[] }[],
): DashboardBuilder {
  let y = 0;
  let id = 0;
  for (const { height, panels } of rows) {
    const w = columns / panels.length;
    for (const [at, panel] of panels.entries()) {
      id += 1;
      dashboard.withPanel(panel.id(id).gridPos({ x: at * w, y, w, h: height }));
    }
    y += height;
  }
  return dashboard;
}
