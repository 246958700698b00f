import { expect, it } from 'vitest';
import { nativeProblem } from '../../src/store/native-problem.ts';

const refusal = (message: string) =>
  nativeProblem(Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' }));

it('does not blame Node for a binary that may not be executed where it is', () => {
  expect(refusal('x.node: failed to map segment from shared object')).toMatch(/mounted noexec/);
  expect(refusal('was compiled using NODE_MODULE_VERSION 127')).toMatch(/built for another Node/);
});

it('tells a package that is missing from one without its binary', () => {
  expect(refusal("Cannot find module 'better-sqlite3'\nRequire stack:\n- x.js")).toMatch(
    /not installed.*bundler/,
  );
  expect(refusal("Cannot find module './build/Release/better_sqlite3.node'")).toMatch(/no binary/);
});
