import { describe, expect, test } from 'vitest';
import { USER_IDENTITY_TYPE, type UserIdentity } from '#backend/sources/dimse/pdu/pdu.ts';
import { isIdentity } from './verify-identity.ts';

const shown = (type: keyof typeof USER_IDENTITY_TYPE, user: string, passcode = ''): UserIdentity => ({
  type: USER_IDENTITY_TYPE[type],
  wantsAnswer: false,
  primary: Buffer.from(user),
  secondary: Buffer.from(passcode),
});

describe('isIdentity', () => {
  test.each<[string, boolean, UserIdentity | undefined, string | undefined]>([
    ['name and passcode', true, shown('usernamePasscode', 'Jörg', 's3cret'), 's3cret'],
    ['a wrong passcode', false, shown('usernamePasscode', 'Jörg', 's3cre'), 's3cret'],
    ['a wrong name', false, shown('usernamePasscode', 'jörg', 's3cret'), 's3cret'],
    ['the name alone where a passcode is asked for', false, shown('username', 'Jörg', 's3cret'), 's3cret'],
    ['the name alone where it is enough', true, shown('username', 'Jörg'), undefined],
    ['name and some passcode where the name is enough', true, shown('usernamePasscode', 'Jörg', 'x'), undefined],
    ['nothing', false, undefined, undefined],
    ['a token that says the name', false, shown('jwt', 'Jörg'), undefined],
  ])('%s: %s', (_name, expected, given, passcode) => {
    expect(isIdentity(given, { user: 'Jörg', passcode })).toBe(expected);
  });
});
