import { homedir } from 'node:os';
import { AgentStraceError, whyUnreadable } from '../errors.ts';
import { readNamedFile } from '../named-file.ts';
import { redactionDigest } from '../processing/redaction/redaction-digest.ts';
import type { RedactionRule } from '../processing/redaction/rule.ts';
import { homeFolderRule } from '../processing/redaction/rules-home.ts';
import type { RuleSource } from './configuration/configured-options.ts';
import type { OptionValues } from './options.ts';

/**
 * Rules of the `--redact-rules` files and of those that stand in a configuration file. Throws `usage` that names the file,
 * the rule and what is wrong with it.
 */
export async function customRules(
  sources: OptionValues[string],
): Promise<readonly RedactionRule[] | undefined> {
  if (sources === undefined) return undefined;
  const { loadCustomRules } = await import('../processing/redaction/custom-rules.ts');
  const all = (Array.isArray(sources) ? sources : [sources]) as readonly RuleSource[];
  return all.flatMap((source) =>
    typeof source === 'string'
      ? loadCustomRules(parsedFile(source), source)
      : loadCustomRules(source.rules, source.where),
  );
}

/**
 * The options with what stands in the files of rules instead of their names: for a thread, which must not go by others if a
 * file is changed meanwhile.
 */
export function withReadRules(options: OptionValues): OptionValues {
  const sources = options['redactRules'];
  if (sources === undefined) return options;
  const all = (Array.isArray(sources) ? sources : [sources]) as readonly RuleSource[];
  const redactRules = all.map((source) =>
    typeof source === 'string' ? { rules: parsedFile(source), where: source } : source,
  );
  return { ...options, redactRules };
}

/** By path. A pipe can be read once. */
const parsed = new Map<string, unknown>();

function parsedFile(path: string): unknown {
  if (!parsed.has(path)) parsed.set(path, parsedOnce(path));
  return parsed.get(path);
}

function parsedOnce(path: string): unknown {
  try {
    return JSON.parse(readNamedFile(path).toString('utf8'));
  } catch (error) {
    throw new AgentStraceError('usage', `--redact-rules ${path}: ${whyUnreadable(error)}`, {
      cause: error,
    });
  }
}

/** The digest of the redactor that these options make, without making it. */
export async function redactionDigestFor(options: OptionValues): Promise<string> {
  if (options['redact'] === false) return 'off';
  const rules = await customRules(options['redactRules']);
  return redactionDigest([...homeFolderRule(homedir()), ...(rules ?? [])]);
}
