import { type AssemblerOptions, createAssembler } from './assembler.ts';
import type { SessionEvent } from './event.ts';
import type { Operation } from './operation.ts';
import type { SessionFacts } from './session-facts.ts';

/** Facts of one trace in store order, page by page; an empty page marks the end. */
export interface Feed {
  page(afterSeq: number): readonly { readonly event: SessionEvent; readonly lastSeq: number }[];
}

/**
 * All operations of a recorded trace, each as soon as its last fact has been read, children before their containers;
 * returns what the events say about the session. Holds one page and the open operations in memory.
 */
export function* replay(feed: Feed, options: AssemblerOptions): Generator<Operation, SessionFacts> {
  const assembler = createAssembler(options);
  let afterSeq = 0;
  for (;;) {
    const page = feed.page(afterSeq);
    if (page.length === 0) break;
    for (const stored of page) {
      const done = assembler.accept(stored.event, stored);
      if (done.length > 0) yield* done;
      afterSeq = stored.event.seq;
    }
  }
  const { unfinished, session } = assembler.end();
  yield* unfinished;
  return session;
}
