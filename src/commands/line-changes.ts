const CONTEXT = 2;
const MOST_LINES = 4000;

/**
 * What changed between two texts: lines prefixed with `-`, `+` or a blank, with two lines of context around each
 * change.
 */
export function lineChanges(before: string, after: string): string[] {
  const old = lines(before);
  const fresh = lines(after);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old.at(-1 - tail) === fresh.at(-1 - tail)
  )
    tail++;
  const middle = compared(
    old.slice(head, old.length - tail),
    fresh.slice(head, fresh.length - tail),
  );
  const around = (part: readonly string[]) => part.map((line) => ` ${line}`);
  const all = [
    ...around(old.slice(0, head)),
    ...middle,
    ...around(tail === 0 ? [] : old.slice(-tail)),
  ];
  return nearChanges(all);
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** Keeps the longest common lines; if the texts are too long for that, removes all old lines and adds all new ones. */
function compared(old: readonly string[], fresh: readonly string[]): string[] {
  if (old.length * fresh.length > MOST_LINES * MOST_LINES)
    return [...old.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`)];
  const width = fresh.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      const longer = Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
      common[i * width + j] = old[i] === fresh[j] ? common[(i + 1) * width + j + 1]! + 1 : longer;
    }
  }
  const result: string[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      result.push(` ${old[i++]}`);
      j++;
    } else if (
      j < fresh.length &&
      (i >= old.length || common[i * width + j + 1]! > common[(i + 1) * width + j]!)
    )
      result.push(`+${fresh[j++]}`);
    else result.push(`-${old[i++]}`);
  }
  return result;
}

function nearChanges(all: readonly string[]): string[] {
  const shown = new Set<number>();
  for (const [at, line] of all.entries()) {
    if (line.startsWith(' ')) continue;
    for (let near = at - CONTEXT; near <= at + CONTEXT; near++) shown.add(near);
  }
  const result: string[] = [];
  for (const [at, line] of all.entries()) {
    if (shown.has(at)) result.push(line);
    else if (shown.has(at - 1)) result.push(' …');
  }
  return result;
}
