// What a job is called: a label made of paths and descriptions, which may be of any length.
import { z } from 'zod';

/** No more than the list of jobs shows. */
const MOST_LETTERS = 200;
const KEPT_END = 80;

/** Without its middle where it is too long: a path ends in the file's name, and what a job lacks is said at the end. */
export function shortTitle(title: string): string {
  const letters = [...title];
  if (letters.length <= MOST_LETTERS) return title;
  return [...letters.slice(0, MOST_LETTERS - KEPT_END - 1), '…', ...letters.slice(-KEPT_END)].join('');
}

/** Of a request: nobody is refused for a label. */
export const jobTitle = z.string().transform(shortTitle);
