// serverless.yml can reference only a .js file here.
export { environment, resources, subscriptions, vpc } from './from-settings.ts';
