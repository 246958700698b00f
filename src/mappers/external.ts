import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AgentStraceError, messageOf } from '../errors.ts';
import { refuseEndless } from '../named-file.ts';
import { EVENT_KINDS, type OperationKind } from '../session/event.ts';
import type { ContentPolicy } from '../session/run-choices.ts';
import type { SessionHead } from '../session/session.ts';
import { checkDraft } from './external-draft.ts';
import {
  type Attributes,
  type GappyAttributes,
  type Mapper,
  type MapperOptions,
  SPAN_KIND,
} from './mapper.ts';

/** The mapper as its author wrote it: undefined values have not been removed yet. */
type OwnMapper = Mapper<GappyAttributes>;

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const CONTENT_POLICIES: ReadonlySet<string> = new Set<ContentPolicy>(['none', 'redacted', 'full']);
const SPAN_KINDS: ReadonlySet<string> = new Set(
  Object.values(EVENT_KINDS).filter((kind) => kind !== 'session'),
);

/**
 * Loads a vocabulary from a JavaScript module whose default export (or export `mapper`) is a {@link Mapper}. Every
 * failure, at once or while mapping, is a `bad_mapper` error naming the file.
 */
export async function loadMapper(path: string): Promise<Mapper> {
  const file = resolve(path);
  const module = await importModule(file);
  try {
    return guarded(checked(module.default ?? module.mapper, file), file);
  } catch (error) {
    if (error instanceof AgentStraceError) throw error;
    throw bad(file, `could not be read: ${messageOf(error)}`, error);
  }
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  try {
    refuseEndless(file);
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    // A CommonJS module arrives as its default export, which may hold the mapper under its own names.
    const inner = module.default as Record<string, unknown> | null | undefined;
    return inner != null && typeof inner === 'object' && ('default' in inner || 'mapper' in inner)
      ? inner
      : module;
  } catch (error) {
    throw bad(file, `could not be loaded: ${whyNotLoaded(error, file)}`, error);
  }
}

function bad(file: string, problem: string, cause?: unknown): AgentStraceError {
  return new AgentStraceError('bad_mapper', `The mapper ${file} ${problem}.`, { cause });
}

function checked(value: unknown, file: string): OwnMapper {
  if (typeof value !== 'object' || value === null) {
    throw bad(file, 'must export a mapper as its default export, see examples/custom-mapper');
  }
  const { name, summary, contentDefault, spanKinds, operation, root } = value as Record<
    keyof Mapper,
    unknown
  >;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw bad(file, 'needs a `name` of lower-case letters, digits and dashes');
  }
  if (typeof summary !== 'string' || summary === '')
    throw bad(file, 'needs a `summary` of one line');
  if (typeof contentDefault !== 'string' || !CONTENT_POLICIES.has(contentDefault)) {
    throw bad(file, 'needs a `contentDefault` of none, redacted or full');
  }
  if (typeof operation !== 'function') throw bad(file, 'needs a function `operation`');
  if (typeof root !== 'function') throw bad(file, 'needs a function `root`');
  const mapper = value as OwnMapper;
  const { part, schemaUrl } = mapper;
  if (part !== undefined && typeof part !== 'function')
    throw bad(file, 'has a `part` that is not a function');
  if (schemaUrl !== undefined && typeof schemaUrl !== 'string')
    throw bad(file, 'has a `schemaUrl` that is not a text');
  return {
    ...(schemaUrl !== undefined && { schemaUrl }),
    ...(mapper.readsMessages === false && { readsMessages: false }),
    ...(part !== undefined && { part: (head, options) => part.call(mapper, head, options) }),
    name,
    summary,
    contentDefault: contentDefault as ContentPolicy,
    spanKinds: checkedKinds(spanKinds, file),
    operation: (op, head, options) => mapper.operation(op, head, options),
    root: (head, totals, options) => mapper.root(head, totals, options),
  };
}

function checkedKinds(value: unknown, file: string): ReadonlySet<OperationKind> {
  if (!(value instanceof Set) && !Array.isArray(value)) {
    throw bad(file, 'needs `spanKinds`, a Set of operation kinds');
  }
  const kinds = new Set<OperationKind>();
  for (const kind of value) {
    if (!SPAN_KINDS.has(kind)) {
      throw bad(
        file,
        `names the unknown kind ${JSON.stringify(kind)} in \`spanKinds\`; known kinds are ${[...SPAN_KINDS].join(', ')}`,
      );
    }
    kinds.add(kind as OperationKind);
  }
  return kinds;
}

/**
 * Wraps every call of the mapper: failures become messages for its author, undefined values are removed. It receives
 * copies, so that its changes are not taken for what was recorded.
 */
function guarded(mapper: OwnMapper, file: string): Mapper {
  const ask = (what: string, kind: OperationKind, call: () => unknown): unknown => {
    const of = kind === 'session' ? what : `an operation of ${what}`;
    try {
      const draft = call();
      const problem = checkDraft(draft, kind, mapper.spanKinds);
      if (problem !== undefined) throw bad(file, `gave a bad answer for ${what}: ${problem}`);
      return draft;
    } catch (error) {
      if (error instanceof AgentStraceError) throw error;
      throw bad(file, `failed on ${of}: ${messageOf(error)}`, error);
    }
  };
  const { part, ...others } = mapper;
  return {
    ...others,
    ...(part && {
      part: (head: SessionHead, options: MapperOptions) => {
        const draft = ask('a part', 'session', () => {
          const attributes = part({ ...head }, options);
          return { type: 'span', name: 'part', kind: SPAN_KIND.INTERNAL, attributes };
        });
        return (draft as { attributes: Attributes }).attributes;
      },
    }),
    operation(op, head, options) {
      const draft = ask(`kind ${op.kind}`, op.kind, () =>
        mapper.operation({ ...op }, { ...head }, options),
      );
      return (draft ?? null) as ReturnType<Mapper['operation']>;
    },
    root(head, totals, options) {
      const draft = ask('the root', 'session', () =>
        mapper.root({ ...head }, { ...totals }, options),
      );
      return draft as ReturnType<Mapper['root']>;
    },
  };
}

/** For a missing file, Node's message names our own file; for a syntax error, it offers no remedy. */
function whyNotLoaded(error: unknown, file: string): string {
  const message = messageOf(error);
  if (message.startsWith(`Cannot find module '${file}'`)) return 'it does not exist';
  // Node treats a `.js` file as CommonJS unless a package.json beside it says otherwise.
  const isModule = /Unexpected token 'export'|Cannot use import statement/.test(message);
  return isModule
    ? `${message}; a module must end in .mjs, or its package.json must say "type": "module"`
    : message;
}
