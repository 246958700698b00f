const CITATIONS = [
  ['<oai-mem-citation>', '</oai-mem-citation>'],
  ['<citation>', '</citation>'],
] as const;
const PLAN = ['<proposed_plan>', '</proposed_plan>'] as const;

/**
 * What Codex shows of a model's answer: without citations of its memories and without a proposed plan, which is shown
 * separately. Events and items contain only this text, the model's own record all of it. An answer that is only a plan
 * is shown as the plan.
 */
export function shownOf(answer: string): string {
  let text = answer;
  for (const [open, close] of CITATIONS) text = without(text, open, close);
  const shown = without(text, ...PLAN, '\n').trim();
  return shown === '' ? text.replaceAll(PLAN[0], '').replaceAll(PLAN[1], '').trim() : shown;
}

/** `text` without what is between the tags; an unclosed tag extends to the end. */
function without(text: string, open: string, close: string, after = ''): string {
  let kept = '';
  for (let from = 0; ; ) {
    const start = text.indexOf(open, from);
    if (start === -1) return kept + text.slice(from);
    kept += text.slice(from, start);
    const end = text.indexOf(close, start);
    if (end === -1) return kept;
    from = end + close.length;
    if (after !== '' && text.startsWith(after, from)) from += after.length;
  }
}
