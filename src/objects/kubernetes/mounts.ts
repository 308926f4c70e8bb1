import type { KubernetesRef } from '../../location.ts';

/** The parts of a pod that show how it mounts an object. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: { readonly phase?: string };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly volumeMounts?: readonly VolumeMount[];
}

interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly subPathExpr?: string;
}

interface Items {
  readonly items?: readonly { readonly key: string }[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: Items & { readonly name?: string };
  readonly secret?: Items & { readonly secretName?: string };
  readonly projected?: {
    readonly sources?: readonly {
      readonly configMap?: Items & { readonly name?: string };
      readonly secret?: Items & { readonly name?: string };
    }[];
  };
}

/** One mount of an object in a container. */
export interface Mount {
  readonly container: string;
  readonly mountPath: string;
  /** A single file of the volume is mounted: the kubelet never updates it. */
  readonly isSubPath: boolean;
  /** The keys that the volume has; undefined: all. */
  readonly keys: readonly string[] | undefined;
}

type Named = Pick<KubernetesRef, 'kind' | 'name'>;

/** All containers of a pod; sidecars that start first are among the init containers. */
export function containersOf({ spec }: Pod): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? [])];
}

/** `pod server-0 mounts it with subPath (container server, /etc/config): it never receives an update` */
export function subPathText({ metadata }: Pod, { container, mountPath }: Mount): string {
  const where = `container ${container}, ${mountPath}`;
  return `pod ${metadata.name} mounts it with subPath (${where}): it never receives an update`;
}

/** How these containers of a pod mount an object: by a volume of its own, or by one source of a projected volume. */
export function mountsOf(
  { spec: { volumes = [] } }: Pod,
  containers: readonly Container[],
  object: Named,
): Mount[] {
  const sources = volumes.flatMap((volume) => {
    const source = sourceOf(volume, object);
    return source ? [{ name: volume.name, keys: source.items?.map(({ key }) => key) }] : [];
  });
  return containers.flatMap((container) =>
    (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, subPathExpr }) => {
      const source = sources.find((volume) => volume.name === name);
      if (!source) return [];
      const isSubPath = Boolean(subPath || subPathExpr);
      return [{ container: container.name, mountPath, isSubPath, keys: source.keys }];
    }),
  );
}

function sourceOf(volume: Volume, { kind, name }: Named): Items | undefined {
  const sources = volume.projected?.sources ?? [];
  if (kind === 'configMap') {
    return [volume.configMap, ...sources.map((one) => one.configMap)].find(
      (one) => one?.name === name,
    );
  }
  if (volume.secret?.secretName === name) return volume.secret;
  return sources.map((one) => one.secret).find((one) => one?.name === name);
}
