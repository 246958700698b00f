/** Minimum number of months for which Articles 19(1) and 26(6) require logs to be kept. */
export const FLOOR_MONTHS = 6;

/**
 * The date `months` calendar months before an RFC 3339 UTC time, as `YYYY-MM-DD`. A day that does
 * not exist in that month becomes its last day.
 */
export function monthsBefore(time: string, months: number): string {
  const [year = 0, month = 1, day = 1] = time.slice(0, 10).split('-').map(Number);
  const index = year * 12 + (month - 1) - months;
  const [targetYear, targetMonth] = [Math.floor(index / 12), index % 12];
  const lastDay = new Date(Date.UTC(targetYear, targetMonth + 1, 0)).getUTCDate();
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  return `${pad(targetYear, 4)}-${pad(targetMonth + 1, 2)}-${pad(Math.min(day, lastDay), 2)}`;
}
