/** Beginnings of texts that Gemini CLI sends to the model as the user. Nobody typed them. */
const FOR_USER: readonly string[] = [
  '<session_context>',
  "Here is the user's editor context",
  "Here is a summary of changes in the user's editor context",
];

/** Answers that it writes as the model, to keep the roles alternating. No model produced them. */
const FOR_MODEL: ReadonlySet<string> = new Set([
  'Got it. Thanks for the additional context!',
  '[The previous response was interrupted before it completed.]',
  'Binary content received. Proceeding with analysis.',
]);

/** Asks the model to continue an interrupted answer. Recorded among the prompts, and one for the model. */
const GO_ON = 'System: Please continue.';

const HOOK = { open: '<hook_context>', close: '</hook_context>' };
const SNAPSHOT = '<state_snapshot>';
/** A summary may be fenced, or follow the notes that the model made for it. */
const BEFORE_SNAPSHOT = /^(?:```\w{0,20}\s{0,20}<(?:state_snapshot|scratchpad)>|<scratchpad>)/;

/** Whether a text was added by the program rather than typed; hook output before typed text counts as typed. */
export function isOwnPrompt(text: string): boolean {
  const words = text.trim();
  if (FOR_USER.some((beginning) => words.startsWith(beginning))) return true;
  return (
    words.startsWith(HOOK.open) && words.indexOf(HOOK.close) + HOOK.close.length === words.length
  );
}

/** Who wrote a prompt; undefined unless it is known not to have been typed. */
export function originOfPrompt(text: string): string | undefined {
  return text.trim() === GO_ON ? 'agent' : undefined;
}

export function isOwnAnswer(text: string | undefined): boolean {
  return text !== undefined && FOR_MODEL.has(text.trim());
}

/** Whether a text is the summary that replaces older messages. */
export function isSummary(text: string): boolean {
  const words = text.trimStart();
  return words.startsWith(SNAPSHOT) || (BEFORE_SNAPSHOT.test(words) && words.includes(SNAPSHOT));
}
