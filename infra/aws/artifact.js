// osls loads plugins only from .js files.
export { Artifact as default } from './artifact.ts';
