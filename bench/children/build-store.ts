import { buildStore } from '../build-store.ts';

const [path = '', sessions = '1', events = '100', seed = '7'] = process.argv.slice(2);
process.stdout.write(
  String(
    buildStore({
      path,
      sessions: Number(sessions),
      eventsPerSession: Number(events),
      seed: Number(seed),
    }),
  ),
);
