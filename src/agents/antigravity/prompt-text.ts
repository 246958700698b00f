const REQUEST = { open: '<USER_REQUEST>', close: '</USER_REQUEST>' };
/** Blocks that the program adds to what was typed. */
const BLOCK = /<(ADDITIONAL_METADATA|USER_SETTINGS_CHANGE|EPHEMERAL_MESSAGE|USER_INFORMATION)>/;
const MODEL = /changed setting `Model Selection` from .{1,200}? to ([^\n]{1,100}?)\.(?:\s|$)/;

/** What was typed: the marked request, or a text without marks. Empty if nobody typed anything. */
export function typedText(content: string): string {
  const start = content.indexOf(REQUEST.open);
  if (start === -1) {
    const block = BLOCK.exec(content)?.index;
    return (block === undefined ? content : content.slice(0, block)).trim();
  }
  const from = start + REQUEST.open.length;
  const end = content.indexOf(REQUEST.close, from);
  return content.slice(from, end === -1 ? content.length : end).trim();
}

/** The model, by its display name, if the step says that it was changed. */
export function modelIn(content: string): string | undefined {
  const start = content.indexOf('<USER_SETTINGS_CHANGE>');
  return start === -1 ? undefined : MODEL.exec(content.slice(start, start + 2000))?.[1];
}
