// Takes padding off the end of text in a time that grows with its length: a regular expression as `/ +$/` looks from each space of a
// long run to the end of that run, and 400 KB of them take minutes.

/** Without the characters of `padding` at its end. */
export function trimmedEnd(text: string, padding: string): string {
  let end = text.length;
  while (end > 0 && padding.includes(text.charAt(end - 1))) end--;
  return end === text.length ? text : text.slice(0, end);
}
