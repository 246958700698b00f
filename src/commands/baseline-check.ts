import { type CheckOptions, checkSession, exitCodeOf } from '../baseline/compare.ts';
import type { Baseline } from '../baseline/profile.ts';
import { CHECK_FORMATS, type CheckFormat } from '../baseline/render/formats.ts';
import { storePath } from '../store/location.ts';
import { explainStoreFailure, openStore } from '../store/open-store.ts';
import { findSession, latestSession } from '../store/sessions.ts';
import { baselineFile, baselineName, baselineOfFile, baselineOfStore } from './baseline-source.ts';
import type { CommandContext } from './command.ts';
import { createMeasurer } from './metrics-measure.ts';

/** `agent-strace baseline check [session]`: exit 0 inside, 1 anomalous, 2 could not judge. */
export async function run(context: CommandContext): Promise<number> {
  const { options } = context;
  const file = baselineFile(context);
  const fromFile: Baseline | undefined = file === undefined ? undefined : baselineOfFile(file);
  const store = openStore({
    path: storePath(options['db'] as string | undefined, context.env),
    mode: 'read',
  });
  try {
    const baseline = fromFile ?? baselineOfStore(store, baselineName(context));
    const named = context.args[0] as string | undefined;
    const root = named === undefined ? latestSession(store) : findSession(store, named);
    const measure = await createMeasurer(store, options);
    const result = checkSession(
      { ...measure(root).metrics, sessionId: root.sessionId },
      baseline,
      judging(context),
    );
    context.write(CHECK_FORMATS[(options['format'] as CheckFormat | undefined) ?? 'text'](result));
    return exitCodeOf(result);
  } catch (error) {
    throw explainStoreFailure(error, store.path);
  } finally {
    store.close();
  }
}

function judging({ options }: CommandContext): CheckOptions {
  const metrics = options['metrics'];
  return {
    threshold: options['threshold'] as number | undefined,
    metrics:
      typeof metrics === 'string'
        ? metrics
            .split(',')
            .map((key) => key.trim())
            .filter((key) => key !== '')
        : undefined,
    direction: options['direction'] as CheckOptions['direction'],
    robust: options['robust'] === true,
    minSessions: options['minSessions'] as number | undefined,
    allowOpen: options['allowOpen'] === true,
  };
}
