import { SLOTS } from './content-ids.ts';
import type { Contradiction } from './copied-columns.ts';
import type { Store } from './open-store.ts';
import { SEALED } from './sealed-facts.ts';

const MOST = 20;

/**
 * Readers look up texts by name, and decide by their size whether to read them with their page, so both must match the
 * header.
 */
const UNLISTED = `
  c.name = '${SEALED}'
  OR NOT EXISTS (SELECT 1 FROM json_each(e.header, '$.content') AS named WHERE named.key = c.name
                 AND json_extract(named.value, '$.size') IS c.size AND json_extract(named.value, '$.media') IS c.media)
  OR EXISTS (SELECT 1 FROM contents AS first
             WHERE first.id BETWEEN e.seq * ${SLOTS} AND c.id - 1 AND first.name = c.name)`;

/**
 * Texts that readers could show although no hashed header names them: rows without an event; with another name, size or
 * media type than in the header; repeated names; facts beside a header that seals none. At most {@link MOST} of each.
 * `roots`: row numbers of the traces to check, all when omitted.
 */
export function unlistedTexts(store: Store, roots?: ReadonlySet<number>): Contradiction[] {
  const isAll = roots === undefined;
  const values = isAll ? [] : [JSON.stringify([...roots])];
  const chosen = isAll ? '1' : 'e.root IN (SELECT value FROM json_each(?))';
  const find = (rest: string) =>
    store.database
      .prepare<string[], Contradiction>(
        `SELECT CAST(s.session_id AS TEXT) AS session, iif(json_valid(e.header), json_extract(e.header, '$.n'), NULL) AS n,
           'columns' AS kind, ${rest} LIMIT ${MOST}`,
      )
      .all(...values);
  const texts = isAll
    ? `contents c LEFT JOIN events e ON e.seq = c.id / ${SLOTS}`
    : `events e CROSS JOIN contents c ON c.id BETWEEN e.seq * ${SLOTS} AND e.seq * ${SLOTS} + ${SLOTS - 1}`;
  return [
    ...find(
      `'it has facts besides those in its header' AS detail FROM events e LEFT JOIN sessions s ON s.id = e.session
       WHERE ${chosen} AND e.sealed IS NOT NULL
         AND CASE WHEN json_valid(e.header) THEN json_type(e.header, '$.sealed') IS NULL ELSE 0 END`,
    ),
    ...find(
      `iif(e.seq IS NULL, 'a text without an event', 'it has a text besides those in its header, or one that differs from it') AS detail
       FROM ${texts} LEFT JOIN sessions s ON s.id = e.session
       WHERE ${chosen} AND (e.seq IS NULL OR CASE WHEN json_valid(e.header) THEN ${UNLISTED} ELSE 0 END)`,
    ),
  ];
}
