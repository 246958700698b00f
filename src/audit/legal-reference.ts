import { monthsBefore } from './calendar.ts';

/** Date on which the table below was last compared with public sources. */
const LEGAL_TABLE_CHECKED_ON = '2026-11-20';
const STALE_AFTER_MONTHS = 6;

const APPLICATION_DATES = [
  { from: '2026-08-02', what: 'general application of the Regulation' },
  { from: '2027-12-02', what: 'Chapter III, Sections 1 to 3, for systems of Annex III' },
  { from: '2028-08-02', what: 'Chapter III, Sections 1 to 3, for systems of Annex I' },
] as const;

/** The only source of legal dates and titles. Leaves out the dates once the table is more than six months old. */
export function legalReference(generatedAt: string) {
  const stale = monthsBefore(generatedAt, STALE_AFTER_MONTHS) > LEGAL_TABLE_CHECKED_ON;
  return {
    regulation: 'Regulation (EU) 2024/1689',
    amended_by: 'Regulation (EU) 2026/1744',
    table_checked_on: LEGAL_TABLE_CHECKED_ON,
    applicability: 'not_assessed',
    dates_of_application: stale ? [] : APPLICATION_DATES,
    note: stale
      ? 'The table of dates is older than six months: see the consolidated Regulation.'
      : 'Dates as found in public secondary sources on the day of the check; the consolidated Regulation is decisive. Application of Articles 72 and 73 is not assessed.',
  };
}
