/** What the bench's servers have. */
export const ZONE = 'Z08214473FVAJ9QTLWTEC';
export const CLUSTER = 'central';
export const NAMESPACE = 'monitoring';
export const OBJECT = 'prometheus-server';
