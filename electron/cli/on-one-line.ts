/** Text of files and peers as a line for a terminal: what would break the line, steer the terminal or turn the order of what follows
 * round (UAX #9) is a blank. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, ' ');
