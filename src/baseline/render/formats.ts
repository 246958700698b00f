import type { CheckResult } from '../compare.ts';
import { renderCheckGithub } from './check-github.ts';
import { renderCheckJson } from './check-json.ts';
import { renderCheckJunit } from './check-junit.ts';
import { renderCheckMarkdown, renderCheckText } from './check-text.ts';

/** The formats of `baseline check --format`: each turns a result into the whole text. */
export const CHECK_FORMATS = {
  text: renderCheckText,
  json: renderCheckJson,
  junit: renderCheckJunit,
  github: renderCheckGithub,
  markdown: renderCheckMarkdown,
} as const satisfies Readonly<Record<string, (result: CheckResult) => string>>;

export type CheckFormat = keyof typeof CHECK_FORMATS;
