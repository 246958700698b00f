export { openRecorder } from './recorder.ts';
export type * from './recorder-api.ts';
