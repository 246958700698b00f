const CITATIONS = [
  ['<oai-mem-citation>', '</oai-mem-citation>'],
  ['<citation>', '</citation>'],
] as const;
const PLAN = ['<proposed_plan>', '</proposed_plan>'] as const;

/**
 * What Codex shows of a model's answer: no citations of its memories, and no proposed plan, which is shown apart. Events
 * and items state only this, the model's own record all of it. An answer that is a plan alone is the plan.
 */
export function shownOf(answer: string): string {
  let text = answer;
  for (const [open, close] of CITATIONS) text = without(text, open, close);
  const shown = without(text, ...PLAN, '\n').trim();
  return shown === '' ? text.replaceAll(PLAN[0], '').replaceAll(PLAN[1], '').trim() : shown;
}

/** `text` without what stands between the tags; one that is never closed goes to the end. */
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
