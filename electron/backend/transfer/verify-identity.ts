// Whether a caller shows the user name, and the passcode, that the receiver asks for (PS3.7 D.3.3.7).
import { createHash, timingSafeEqual } from 'node:crypto';
import { USER_IDENTITY_TYPE, type UserIdentity } from '#backend/sources/dimse/pdu/pdu.ts';

export interface WantedIdentity {
  user: string;
  /** Undefined: the name is enough. */
  passcode: string | undefined;
}

const isSame = (given: Uint8Array, wanted: string): boolean => {
  const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(given), digest(Buffer.from(wanted)));
};

/** Tickets, assertions and tokens are not verified here, so they are not taken for an identity. */
export function isIdentity(given: UserIdentity | undefined, { user, passcode }: WantedIdentity): boolean {
  if (given?.type !== USER_IDENTITY_TYPE.username && given?.type !== USER_IDENTITY_TYPE.usernamePasscode) return false;
  if (!isSame(given.primary, user)) return false;
  return (
    passcode === undefined || (given.type === USER_IDENTITY_TYPE.usernamePasscode && isSame(given.secondary, passcode))
  );
}
