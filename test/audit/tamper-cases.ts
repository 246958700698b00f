import type { Document } from './attacker.ts';

/** Exit code and codes that must be among those found. */
export interface Expected {
  exit: 0 | 1 | 2 | 3;
  codes?: string[];
  warnings?: string[];
}

/** A manipulation in three strengths: nothing recomputed; all recomputed; recomputed and signed with the real key. */
export interface TamperCase {
  name: string;
  edit(document: Document): void;
  /** The edit is made after recomputing, because recomputing would undo or declare it. */
  late?: boolean;
  /** No trust input. */
  plain: Expected;
  /** Pinned key. */
  recomputed: Expected;
  /** Pinned key and known checkpoint. */
  keyed: Expected;
}

const UNSIGNED: Expected = { exit: 3, codes: ['N_UNSIGNED'] };
const DIVERGED: Expected = { exit: 1, codes: ['F_DIVERGED'] };
const failed = (...codes: string[]): Expected => ({ exit: 1, codes });

const events = (document: Document, session = 0) => document.sessions[session].events;
const replaceIn = (event: Document, name: string, from: string, to: string) => {
  const item = event.disclosure[name];
  if (!item.text.includes(from)) throw new Error(`the sample has no ${from}`);
  item.text = item.text.replace(from, to);
};

export const TAMPER_CASES: TamperCase[] = [
  {
    name: '1 one character in disclosed tool input',
    edit: (document) => replaceIn(events(document)[3], 'input', 'ls', 'lx'),
    plain: failed('F_CONTENT', 'F_PACKAGE_HASH'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '2 big integer inside content',
    edit: (document) =>
      replaceIn(events(document)[3], 'input', '9007199254740993', '9007199254740992'),
    plain: failed('F_CONTENT'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '3 nested argument value',
    edit: (document) => replaceIn(events(document)[3], 'input', '/tmp/a', '/tmp/b'),
    plain: failed('F_CONTENT'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '4 an error becomes a success',
    edit(document) {
      events(document)[7].header.facts.outcome = 'ok';
      events(document)[7].header.type = 'tool_info';
    },
    plain: failed('F_EVENT_HASH', 'F_LINK'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '5 time shifted by a millisecond',
    edit: (document) => {
      events(document)[5].header.ts_us += 1000;
    },
    plain: failed('F_EVENT_HASH'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '7 a middle event deleted',
    edit: (document) => events(document).splice(5, 1),
    plain: failed('F_SEQ', 'F_LINK'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '8 the first event deleted',
    edit: (document) => events(document).splice(0, 1),
    plain: failed('F_SEQ', 'F_LINK'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '9 the last three events cut',
    edit: (document) => events(document).splice(-3),
    plain: failed('F_COUNT', 'F_HEAD'),
    recomputed: failed('F_NO_END'),
    keyed: failed('F_NO_END', 'F_DIVERGED'),
  },
  {
    name: '10 tail cut and session relabelled as open',
    edit(document) {
      events(document).splice(-3);
      document.sessions[0].state = 'open';
      const close = document.ledger.find((leaf: Document) => leaf.t === 'session_close');
      close.t = 'session_checkpoint';
    },
    plain: failed('F_COUNT', 'F_HEAD', 'F_PACKAGE_HASH'),
    recomputed: { ...UNSIGNED, warnings: ['W_OPEN'] },
    keyed: DIVERGED,
  },
  {
    name: '11 a fabricated approval inserted',
    edit(document) {
      const copy = structuredClone(events(document)[4]);
      copy.header.event_id = 'invented';
      events(document).splice(8, 0, copy);
    },
    plain: failed('F_SEQ', 'F_LINK'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '12 an event duplicated in place',
    edit: (document) => events(document).splice(4, 0, structuredClone(events(document)[4])),
    plain: failed('F_SEQ'),
    recomputed: failed('F_DUP_EVENT'),
    keyed: failed('F_DUP_EVENT', 'F_DIVERGED'),
  },
  {
    name: '13 two neighbouring events swapped',
    edit(document) {
      const list = events(document);
      [list[4], list[5]] = [list[5], list[4]];
    },
    plain: failed('F_SEQ', 'F_LINK'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '14 an event copied from another session',
    edit: (document) => events(document).splice(5, 0, structuredClone(events(document, 1)[5])),
    plain: failed('F_CHAIN_ID'),
    recomputed: failed('F_DUP_EVENT'),
    keyed: failed('F_DUP_EVENT', 'F_DIVERGED'),
  },
  {
    name: '15 session id renamed in one place',
    edit: (document) => {
      document.sessions[0].session_id = 'alpha-2';
    },
    late: true,
    plain: failed('F_GENESIS', 'F_LEDGER'),
    recomputed: failed('F_GENESIS', 'F_LEDGER'),
    keyed: failed('F_GENESIS', 'F_LEDGER'),
  },
  {
    name: '16 a whole session removed',
    edit: (document) => document.sessions.splice(1, 1),
    plain: failed('F_OMISSION', 'F_SUMMARY'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '17 one session included twice',
    edit: (document) => document.sessions.push(structuredClone(document.sessions[0])),
    late: true,
    plain: failed('F_DUP_SESSION'),
    recomputed: failed('F_DUP_SESSION'),
    keyed: failed('F_DUP_SESSION'),
  },
  {
    name: '18 disclosed content removed without saying so',
    edit: (document) => {
      delete events(document)[3].disclosure;
    },
    late: true,
    plain: failed('F_WITHHELD_UNDECLARED'),
    recomputed: failed('F_WITHHELD_UNDECLARED'),
    keyed: failed('F_WITHHELD_UNDECLARED'),
  },
  {
    name: '20 salt replaced, text kept',
    edit: (document) => {
      events(document)[3].disclosure.input.salt = 'ab'.repeat(32);
    },
    plain: failed('F_CONTENT'),
    recomputed: UNSIGNED,
    keyed: DIVERGED,
  },
  {
    name: '21 the summary says that there were no errors',
    edit: (document) => {
      delete document.counts.by_outcome.error;
    },
    late: true,
    plain: failed('F_SUMMARY'),
    recomputed: failed('F_SUMMARY'),
    keyed: failed('F_SUMMARY'),
  },
  {
    name: 'a false erasure entry',
    edit(document) {
      const event = events(document)[3];
      delete event.disclosure;
      event.withheld = { input: 'erased' };
    },
    late: true,
    plain: failed('F_WITHHELD_UNDECLARED'),
    recomputed: failed('F_WITHHELD_UNDECLARED'),
    keyed: failed('F_WITHHELD_UNDECLARED'),
  },
  {
    name: 'a session relabelled against the ledger',
    edit: (document) => {
      document.sessions[0].state = 'open';
    },
    late: true,
    plain: failed('F_LEDGER'),
    recomputed: failed('F_LEDGER'),
    keyed: failed('F_LEDGER'),
  },
  {
    name: 'an event summary rewritten',
    edit: (document) => {
      events(document)[7].summary = events(document)[7].summary.replace('error', 'ok');
    },
    late: true,
    plain: failed('F_SUMMARY'),
    recomputed: failed('F_SUMMARY'),
    keyed: failed('F_SUMMARY'),
  },
];
