import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesRef } from '../../../../src/location.ts';
import { KubernetesClient } from '../../../../src/objects/kubernetes/client.ts';
import { KubernetesObjects } from '../../../../src/objects/kubernetes/objects.ts';
import { SCRAPE_CONFIG_FIELDS } from '../../../support/emulators/kubernetes/scrape-config-fields.ts';
import { describeWith } from '../../../support/parts/available.ts';
import { operatorCrds } from '../../../support/parts/found.ts';
import { startKubeApiserver } from '../../../support/parts/kube-apiserver.ts';
import { installCrds } from '../../../support/parts/operator-crds.ts';
import { accessTo, quick, run } from '../contract.ts';
import { scrapeConfigContract } from '../scrape-config-contract.ts';

describeWith(
  ['kube-apiserver', 'prometheus-operator'],
  'ScrapeConfigs of a real API server',
  () => {
    let withoutCrd: unknown;

    scrapeConfigContract(async () => {
      const syncerToken = 'syncer-token';
      const users = [{ name: 'syncer', token: syncerToken }];
      const server = await startKubeApiserver({ users });
      const client = new KubernetesClient(accessTo(server, server.adminToken), quick);
      const object: KubernetesRef = {
        kind: 'scrapeConfig',
        namespace: 'default',
        name: 'federate',
      };
      const reading = new KubernetesObjects(client).read(object, { create: true }, run);
      withoutCrd = await reading.catch((error) => error);
      client.close();
      await installCrds(server, 'scrapeconfigs');
      return { ...server, syncerToken };
    });

    test('have the fields of the spec that the emulator knows', () => {
      const crd = readFileSync(
        join(operatorCrds(), 'monitoring.coreos.com_scrapeconfigs.yaml'),
        'utf8',
      );
      const { schema } = parse(crd).spec.versions[0];
      const { properties } = schema.openAPIV3Schema.properties.spec;
      expect(Object.keys(properties).sort()).toEqual([...SCRAPE_CONFIG_FIELDS].sort());
    });

    test('are refused before their CRD is installed', () => {
      expect(withoutCrd).toMatchObject({
        code: 'kubernetes-refused',
        message: expect.stringContaining('the cluster does not know that kind of object'),
        remedy: 'Install the CRDs that define it: monitoring.coreos.com/v1alpha1.',
      });
    });
  },
);
