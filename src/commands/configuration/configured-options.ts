import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ConfigFile } from '../../config/config-files.ts';
import { durationMillis } from '../../config/duration.ts';
import { allAt, type Configured, valueAt } from '../../config/layers.ts';
import { parseResourceAttributes } from '../../delivery/resource.ts';
import { OPTIONS, type OptionName, type OptionRow, type OptionValues } from '../options.ts';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.ts';

/** An option of a command: its name in the table, the attribute that holds its value, and whether it was typed. */
export interface DeclaredOption {
  readonly name: OptionName;
  readonly attribute: string;
  readonly typed: boolean;
}

export interface ConfiguringCommand {
  readonly command: string;
  readonly declared: readonly DeclaredOption[];
  readonly env: NodeJS.ProcessEnv;
}

type Value = OptionValues[string];

/** Completes the typed values from the files. Precedence: flag, its variable, the destination's own settings, files. */
export function configuredOptions(
  typed: OptionValues,
  { command, declared, env }: ConfiguringCommand,
  files: readonly ConfigFile[],
  destination?: Configured,
): OptionValues {
  const values: Record<string, Value> = { ...typed };
  for (const option of declared) {
    const key = CONFIG_KEYS[option.name];
    if (key === undefined) continue;
    const found = settingsFor(key, command, files, destination);
    if (found.length === 0) continue;
    const row = OPTIONS[option.name];
    if (key.addsUp === true)
      values[option.attribute] = addedUp(row, typed[option.attribute], found, env);
    else if (!option.typed && variableOf(row, env) === undefined)
      values[option.attribute] = optionValue(row, found[0]!);
  }
  const placeOf = (name: OptionName) =>
    nearestPlace(name, { command, declared, env }, files, destination);
  if (values['mapper'] !== undefined && placeOf('format') < placeOf('mapper'))
    delete values['mapper'];
  return values;
}

/** How close to the command line an option is given, 0 if typed: a format there replaces a mapper from further away. */
function nearestPlace(
  name: OptionName,
  { command, declared }: ConfiguringCommand,
  files: readonly ConfigFile[],
  destination: Configured | undefined,
): number {
  const option = declared.find((one) => one.name === name);
  if (option === undefined) return Number.POSITIVE_INFINITY;
  if (option.typed) return 0;
  const key = CONFIG_KEYS[name]!;
  const layers = [
    settingsFor(key, command, [], destination),
    ...files.map((file) => settingsFor(key, command, [file])),
  ];
  const nearest = layers.findIndex((found) => found.length > 0);
  return nearest < 0 ? Number.POSITIVE_INFINITY : 1 + nearest;
}

/** The values that the files have for a key, for one command or for any; highest precedence first. */
export function settingsFor(
  key: ConfigKey,
  command: string | undefined,
  files: readonly ConfigFile[],
  destination?: Configured,
): Configured[] {
  const elsewhere = command !== undefined && key.commands?.includes(command) === false;
  const general = key.perDestination === 'only' || elsewhere ? [] : allAt(files, key.path);
  const own =
    destination === undefined || key.perDestination === undefined
      ? undefined
      : valueAt(destination.value, key.path);
  return own === undefined ? general : [{ value: own, file: destination!.file }, ...general];
}

/** The environment variable that gives the flag its value, if it is set. */
export function variableOf({ env: name }: OptionRow, env: NodeJS.ProcessEnv): string | undefined {
  return name !== undefined && (env[name] ?? '').trim() !== '' ? name : undefined;
}

/** Converts a value from a file into the form it would have as a flag. */
function optionValue(row: OptionRow, { value, file }: Configured): Value {
  if (row.type === 'duration') return durationMillis(value as string);
  if (row.type === 'list' && typeof value === 'string') return [value];
  if (row.flags.endsWith('<file>')) return fileBeside(file, value as string);
  return value as Value;
}

function addedUp(
  row: OptionRow,
  typed: Value,
  found: readonly Configured[],
  env: NodeJS.ProcessEnv,
): Value {
  if (!row.flags.endsWith('=value>'))
    return [...found.map(ruleSource), ...(typed === undefined ? [] : [typed as string])];
  const taken = keysTaken(row, env);
  const pairs = new Map<string, string | number>();
  for (const { value } of found.toReversed()) {
    for (const [name, text] of Object.entries(value as Record<string, string | number>))
      if (!taken.has(name)) pairs.set(name, text);
  }
  return [
    ...[...pairs].map(([name, text]) => `${name}=${text}`),
    ...((typed as readonly string[] | undefined) ?? []),
  ];
}

/** Keys that the environment gives, so that a file's do not count. */
function keysTaken(row: OptionRow, env: NodeJS.ProcessEnv): ReadonlySet<string> {
  const variable = variableOf(row, env);
  if (variable === undefined) return new Set();
  return new Set(Object.keys(parseResourceAttributes(env[variable]!, () => undefined)));
}

/** Rules written in the configuration file itself, or the path of a rules file. */
export type RuleSource = string | { readonly rules: unknown; readonly where: string };

function ruleSource({ value, file }: Configured): RuleSource {
  return typeof value === 'string'
    ? fileBeside(file, value)
    : { rules: value, where: `${file.path}: redaction.rules` };
}

/** Paths in a file are relative to it; `~/` is the user's home folder. */
function fileBeside(file: ConfigFile, path: string): string {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(dirname(file.path), path);
}
