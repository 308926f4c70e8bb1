import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface OciImage {
  /** With its registry and tag, since the kubelet's container runtime normalizes short names: `docker.io/library/NAME:TAG`. */
  readonly name: string;
  /** The root of its file system. All files become root's. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly user?: string;
}

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/**
 * Writes an image of one layer as an OCI image layout in a tar file, which `ctr images import` reads. No container
 * engine is involved.
 *
 * @param folder an empty one; the layout and the file are written there
 * @return the tar file's path
 */
export async function writeOciImage(image: OciImage, folder: string): Promise<string> {
  const layout = join(folder, 'layout');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const tar = (file: string, from: string) =>
    execFileSync('tar', [
      ...['--create', '--file', file, '--directory', from],
      ...['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '.'],
    ]);
  const blob = (mediaType: string, content: object) => {
    const text = JSON.stringify(content);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    writeFileSync(join(layout, 'blobs', digest.replace(':', '/')), text);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  };

  const unnamed = join(folder, 'layer.tar');
  tar(unnamed, image.root);
  const hash = createHash('sha256');
  await pipeline(createReadStream(unnamed), hash);
  const digest = `sha256:${hash.digest('hex')}`;
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest,
    size: statSync(unnamed).size,
  };
  renameSync(unnamed, join(layout, 'blobs', digest.replace(':', '/')));

  const config = blob('application/vnd.oci.image.config.v1+json', {
    architecture,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      Cmd: image.cmd ?? [],
      Env: Object.entries(image.env ?? {}).map(([name, value]) => `${name}=${value}`),
      WorkingDir: image.workdir ?? '/',
      User: image.user ?? '',
    },
    // The digest of the layer's uncompressed tar, which this one is.
    rootfs: { type: 'layers', diff_ids: [digest] },
  });
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config,
    layers: [layer],
  });
  const index = {
    schemaVersion: 2,
    manifests: [{ ...manifest, annotations: { 'io.containerd.image.name': image.name } }],
  };
  writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const file = join(folder, 'image.tar');
  tar(file, layout);
  return file;
}
