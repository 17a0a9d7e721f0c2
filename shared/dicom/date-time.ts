// Dates and times of headers in the form the rows, lists and searches count on, whichever of the standard's forms they came in.

/** YYYYMMDD; YYYY.MM.DD is the form before DICOM 3.0, still to be read (PS3.5 6.2, DA). Anything else as it is. */
export const plainDate = (text: string): string => text.trim().replace(/^(\d{4})\.(\d{2})\.(\d{2})$/, '$1$2$3');

/** HHMMSS.FFFFFF; HH:MM:SS is the form before DICOM 3.0 (PS3.5 6.2, TM). Anything else as it is. */
export const plainTime = (text: string): string => text.trim().replace(/^(\d{2}):(\d{2})(?::(\d{2}))?/, '$1$2$3');

/** A day and its time as one text to sort by. A time may lack its minutes, seconds and fraction or be empty (PS3.5 6.2, TM): it
 * stands at the start of what it names. '' without a day. */
export function sortableMoment(date: string, time: string): string {
  const day = plainDate(date);
  const [, clock = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(plainTime(time)) ?? [];
  return day && `${day}${clock.padEnd(6, '0')}.${fraction.padEnd(6, '0')}`;
}

/** YYYY-MM-DD for the screen; what is no date as it is. */
export const shownDate = (text: string): string =>
  plainDate(text).replace(/^(?!0000)(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/, '$1-$2-$3');

/** The same where only what is known has a place: '' for zeros, days that no calendar has, and words. */
export function knownDate(text: string): string {
  const shown = shownDate(text);
  return /[1-9]/.test(shown) && !/^\d{8}$/.test(shown) ? shown : '';
}

/** HH:MM for the screen; what is no time as it is. */
export const shownTime = (text: string): string => plainTime(text).replace(/^(\d{2})(\d{2})[\d.]*$/, '$1:$2');

const AGE_UNITS: Record<string, string> = { D: 'd', W: 'w', M: 'm', Y: 'y' };

/** 045Y as 45 y, 003M as 3 m (PS3.5 6.2, AS), as the list of studies says it; what is no age as it is. */
export const shownAge = (text: string): string =>
  text.trim().replace(/^(\d{3})([DWMY])$/, (_, count: string, unit: string) => `${Number(count)} ${AGE_UNITS[unit]}`);

/** Nobody is older; an age beyond stands for one that is not known. */
export const OLDEST_YEARS = 150;

/** The same where only what is known has a place: 000Y is nobody's age, a child's is told in days, weeks or months. */
export function knownAge(text: string): string {
  const shown = shownAge(text);
  const isTooOld = shown.endsWith(' y') && Number.parseInt(shown, 10) > OLDEST_YEARS;
  return /[1-9]|^0 [dwm]$/.test(shown) && !isTooOld ? shown : '';
}

/** DT (PS3.5 6.2) as YYYY-MM-DD HH:MM, with its offset from UTC where it has one; anything else as it is. */
export const shownDateTime = (text: string): string =>
  text
    .trim()
    .replace(
      /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})[\d.]*([+-]\d{4})?$/,
      (_, ...[y, m, d, hours, minutes, zone]) =>
        `${y}-${m}-${d} ${hours}:${minutes}${typeof zone === 'string' ? ` ${zone}` : ''}`,
    );
