// UIDs as they are let in from outside (PS3.5 9.1): leading zeros are met and do no harm.

export const isUid = (text: string): boolean => text.length <= 64 && /^\d+(\.\d+)+$/.test(text);
