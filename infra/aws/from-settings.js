// serverless.yml can reference only a .js file here.
export { batch, environment, resources, subscriptions, vpc } from './from-settings.ts';
