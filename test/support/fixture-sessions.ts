import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTS } from '../../src/agents/registry.ts';
import { RECORDINGS } from './cli.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** A set of recordings that tests import whole: our bundled example, and one folder per agent. */
export interface FixtureSet {
  readonly name: string;
  readonly path: string;
}

/** The fixture folder of an agent; it has to exist for every registered one. */
export function fixtureFolder(agent: string): string {
  return join(FIXTURES, agent);
}

export function hasFixtures(agent: string): boolean {
  return existsSync(fixtureFolder(agent)) && readdirSync(fixtureFolder(agent)).length > 0;
}

export const FIXTURE_SETS: readonly FixtureSet[] = [
  { name: 'example', path: RECORDINGS },
  ...AGENTS.filter((agent) => hasFixtures(agent.name)).map((agent) => ({
    name: agent.name,
    path: fixtureFolder(agent.name),
  })),
];
