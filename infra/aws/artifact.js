// serverless.yml's plugin loader takes a .js file.
export { Artifact as default } from './artifact.ts';
