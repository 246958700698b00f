/** The threads of the program, as their bundles are called. */
export type ThreadName = 'export-thread' | 'import-thread';

/** What a thread is started with: which one it is, and what that needs to know. */
export type ThreadData<Start> = Start & { readonly thread: ThreadName };
