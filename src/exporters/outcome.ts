/** Result of sending one payload (adr/0006). A transport never throws for an expected outcome. */
export type Outcome =
  | { readonly type: 'accepted'; readonly rejected: number; readonly message?: string | undefined }
  | {
      readonly type: 'retryable';
      readonly afterMillis?: number | undefined;
      readonly reason: string;
    }
  /** The payload is at fault (400, 413, other final statuses): bisect. */
  | { readonly type: 'refused'; readonly status: number; readonly message?: string | undefined }
  /** The destination is at fault (401, 403, 404, TLS, both halves refused alike): stop it, keep its position. */
  | { readonly type: 'blocked'; readonly reason: string; readonly status?: number | undefined }
  /** Sent, but the answer was lost: it may have arrived and will be sent again. */
  | { readonly type: 'unknown'; readonly reason: string };
