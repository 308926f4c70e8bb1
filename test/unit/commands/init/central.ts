import type { Emulators } from '../../../support/emulators/emulators.ts';

/** The central cluster lets us read its ConfigMaps, and has this prometheus.yml. */
export function serve({ kubernetes, credentials, addAccessEntry }: Emulators, text: string): void {
  addAccessEntry(credentials.arn, { groups: ['federation-sync'] });
  kubernetes.grant(
    { group: 'federation-sync' },
    { namespace: 'monitoring', verbs: ['get'], resources: ['configmaps'] },
  );
  kubernetes.put({
    kind: 'ConfigMap',
    metadata: { namespace: 'monitoring', name: 'prometheus-server' },
    data: { 'prometheus.yml': text },
  });
}
