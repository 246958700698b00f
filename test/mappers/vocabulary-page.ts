import type { AttributeRow, Section } from '../../src/mappers/attribute-table.ts';

/** What stands above this line in a page is written by hand. */
export const GENERATED_BELOW =
  '<!-- Below this line: generated from the tables in src/mappers. -->';

function rowText({ key, type, doc }: AttributeRow<never>): string {
  return `| \`${key}\` | ${type} | ${doc.replaceAll('|', '\\|')} |`;
}

function sectionText({ title, intro, rows }: Section): string {
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| attribute | type | meaning |',
    '|---|---|---|',
    ...rows.map(rowText),
  ].join('\n');
}

/** The generated part of a vocabulary's docs page, markdown. */
export function vocabularyTables(sections: readonly Section[]): string {
  return `${sections.map(sectionText).join('\n\n')}\n`;
}
