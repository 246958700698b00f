import { defineConfig } from 'vitest/config';
import { SQLITE_PACKAGE } from './src/store/sqlite.ts';

export default defineConfig({
  // Tests look into stores with what the program opens them with.
  resolve: { alias: { 'better-sqlite3': SQLITE_PACKAGE } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build-once.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
