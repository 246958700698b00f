/** The request body of one Langfuse score. `id` must be the same whenever the score is sent again. */
export interface LangfuseScore {
  readonly id: string;
  readonly traceId: string;
  readonly observationId?: string | undefined;
  readonly name: string;
  /** A number for NUMERIC and BOOLEAN (0 or 1), text for the other types. */
  readonly value: number | string;
  readonly dataType: 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL' | 'TEXT';
  readonly comment?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly environment?: string | undefined;
}

/** A score of our own model, by shape. */
export interface ScoreLike {
  readonly id: string;
  readonly operationId?: string | undefined;
  readonly name: string;
  readonly dataType: 'numeric' | 'boolean' | 'categorical' | 'text';
  readonly value?: number | undefined;
  readonly label?: string | undefined;
  readonly comment?: string | undefined;
  readonly source: string;
}

const TYPES = {
  numeric: 'NUMERIC',
  boolean: 'BOOLEAN',
  categorical: 'CATEGORICAL',
  text: 'TEXT',
} as const;

/** The Langfuse form of a score. `traceId` is the id with which the session's trace was or will be sent. */
export function toLangfuseScore(
  score: ScoreLike,
  traceId: string,
  environment?: string,
): LangfuseScore {
  const wordy = score.dataType === 'categorical' || score.dataType === 'text';
  return {
    id: score.id,
    traceId,
    observationId: score.operationId,
    name: score.name,
    value: wordy ? (score.label ?? '') : (score.value ?? 0),
    dataType: TYPES[score.dataType],
    comment: score.comment,
    metadata: { source: score.source },
    environment,
  };
}
