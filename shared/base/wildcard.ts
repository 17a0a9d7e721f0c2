// Wildcard matching of PS3.4 C.2.2.2.4, in time that grows with text and pattern only: an expression with many asterisks would try
// all ways to share the text out between them.

/** `*`: any characters, also none; `?`: exactly one. The whole text has to fit. */
export function isWildcardMatch(text: string, pattern: string): boolean {
  const [found, wanted] = [[...text], [...pattern]];
  let at = 0;
  let next = 0;
  /** Behind the last asterisk, and where its characters ended: it takes one more where the rest does not fit. */
  let star = -1;
  let taken = 0;
  while (at < found.length) {
    if (wanted[next] === '*') {
      star = ++next;
      taken = at;
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === found[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star;
      at = ++taken;
    } else return false;
  }
  while (wanted[next] === '*') next++;
  return next === wanted.length;
}
