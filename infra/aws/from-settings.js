// serverless.yml can reference only a .js file here.
export { batch, resources, subscriptions, vpc } from './from-settings.ts';
