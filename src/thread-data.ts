/** The threads of the program, by the names of their bundles. */
export type ThreadName = 'export-thread' | 'import-thread';

/** What a thread is started with: which thread it is, and its own data. */
export type ThreadData<Start> = Start & {
  readonly thread: ThreadName;
  /** One integer: bytes handed over but not taken yet. */
  readonly untaken: SharedArrayBuffer;
};
