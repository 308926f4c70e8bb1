import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

export const panelsOf = (dashboard: Dashboard): Panel[] =>
  (dashboard.panels ?? []).filter((panel): panel is Panel => 'gridPos' in panel);

/** The PromQL of each panel, for all clusters. */
export function expressions(dashboard: Dashboard): { title: string; expression: string }[] {
  return panelsOf(dashboard).flatMap(({ title = '', targets = [] }) =>
    targets.flatMap((target) => {
      const { expr } = target as { expr?: string };
      return expr === undefined ? [] : { title, expression: expr.replaceAll('$clusterID', '.+') };
    }),
  );
}
