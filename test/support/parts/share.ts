import { shareMoto } from './moto.ts';

// The files of the real project share a process, as restore.ts says; so they can share its parts.
shareMoto();
