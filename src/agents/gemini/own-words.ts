/** Beginnings of texts that Gemini CLI gives the model in the user's name. Nobody typed them. */
const FOR_USER: readonly string[] = [
  '<session_context>',
  "Here is the user's editor context",
  "Here is a summary of changes in the user's editor context",
];

/** Answers that it writes in the model's name, to keep the roles in turn. No model gave them. */
const FOR_MODEL: ReadonlySet<string> = new Set([
  'Got it. Thanks for the additional context!',
  '[The previous response was interrupted before it completed.]',
  'Binary content received. Proceeding with analysis.',
]);

/** What it asked the model to go on with after an answer that broke off. It stands among the prompts and is one for the model. */
const GO_ON = 'System: Please continue.';

const HOOK = { open: '<hook_context>', close: '</hook_context>' };
const SNAPSHOT = '<state_snapshot>';
/** A summary may be fenced, or stand behind the notes that the model made for it. */
const BEFORE_SNAPSHOT = /^(?:```\w{0,20}\s{0,20}<(?:state_snapshot|scratchpad)>|<scratchpad>)/;

/** True for text that the program added to what the user typed; what a hook said before a typed text is part of that. */
export function isOwnPrompt(text: string): boolean {
  const words = text.trim();
  if (FOR_USER.some((beginning) => words.startsWith(beginning))) return true;
  return (
    words.startsWith(HOOK.open) && words.indexOf(HOOK.close) + HOOK.close.length === words.length
  );
}

/** Who wrote a prompt; undefined where nothing says that it was not typed. */
export function originOfPrompt(text: string): string | undefined {
  return text.trim() === GO_ON ? 'agent' : undefined;
}

export function isOwnAnswer(text: string | undefined): boolean {
  return text !== undefined && FOR_MODEL.has(text.trim());
}

/** True for the summary that takes the place of older messages. */
export function isSummary(text: string): boolean {
  const words = text.trimStart();
  return words.startsWith(SNAPSHOT) || (BEFORE_SNAPSHOT.test(words) && words.includes(SNAPSHOT));
}
