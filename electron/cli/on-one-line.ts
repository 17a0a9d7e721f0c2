/** Text of files and peers as a line for a terminal: what would break the line or steer the terminal is a blank. */
export const onOneLine = (text: string): string => text.replace(/[\p{Cc}]/gu, ' ');
