import { entry, FIRST, message, newDatabase, SECOND, session, T, tokens } from './new-database.ts';

/** Sessions of both generations, one of them in both. Returns the path. */
export function secondGeneration() {
  const { path, database } = newDatabase();
  database.exec(FIRST + SECOND);
  session(database, 'ses_old');
  message(database, 'ses_old', 'msg_o', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'only in the old tables' },
  ]);
  session(database, 'ses_n');
  message(database, 'ses_n', 'msg_ses_n_1', 0, { role: 'user', time: { created: T } }, [
    { type: 'text', text: 'frozen copy' },
  ]);
  session(database, 'ses_n', {}, 'session_v2');
  entry(database, 'ses_n', 1, 'user', 0, { text: 'When is low tide?', files: [], agents: [] });
  entry(database, 'ses_n', 2, 'system', 1, { text: 'secret instructions' });
  entry(database, 'ses_n', 3, 'assistant', 10, {
    agent: 'build',
    model: { id: 'gpt-5', providerID: 'openai' },
    time: { created: T + 10, streamed: T + 40, completed: T + 90 },
    finish: 'tool-calls',
    cost: 0.5,
    tokens: tokens(10, 5, 2, 3, 1),
    content: [
      { type: 'reasoning', text: 'Think.' },
      {
        type: 'tool',
        id: 'call_t',
        name: 'read',
        state: { status: 'error', input: { filePath: '/t' }, error: { message: 'nope' } },
        time: { created: T + 50, ran: T + 55, completed: T + 60 },
      },
      { type: 'text', text: 'Wait.' },
    ],
  });
  entry(database, 'ses_n', 4, 'shell', 100, {
    callID: 'sh1',
    command: 'tide --low',
    status: 'completed',
    exit: 1,
    output: 'x',
  });
  entry(database, 'ses_n', 5, 'compaction', 110, {
    status: 'completed',
    reason: 'auto',
    summary: 'short',
    tokens: tokens(7, 1),
    cost: 0,
  });
  entry(database, 'ses_n', 6, 'assistant', 120, {
    model: { id: 'gpt-5' },
    time: { created: T + 120 },
    error: { name: 'APIError', data: { statusCode: 529, message: 'overloaded' } },
    retry: { attempt: 2, error: { name: 'APIError' } },
    content: [],
  });
  entry(database, 'ses_n', 7, 'idle', 130, { outcome: 'failed' });
  entry(database, 'ses_n', 8, 'hologram', 140, { text: 'new' });
  return path;
}
