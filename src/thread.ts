// What a thread of the program starts with: the launcher of its bundle, as cli.ts is of the program's.
import { runCompiled } from './compiled-bundle.ts';

declare const __THREAD_BUILD__: string;

const { exports, keep } = runCompiled<typeof import('./export-thread.ts')>(
  'export-thread.cjs',
  __THREAD_BUILD__,
  'export-thread',
);
// By then it has compiled what it needs.
void exports.firstSession?.then(keep);
