// What our provider answers to who it is told calls (PS3.7 D.3.3.7, PS3.8 9.3.4).
import { describe, expect, test } from 'vitest';
import { APPLICATION_CONTEXT, USER_IDENTITY_TYPE, type AssociateRq } from '../pdu/pdu.ts';
import { CT, EXPLICIT } from '../testing/wire.ts';
import { negotiate, rejection } from './negotiate.ts';

const request = (wantsAnswer: boolean | undefined): AssociateRq => ({
  kind: 'associate-rq',
  protocolVersion: 1,
  calledAet: 'LECTERN',
  callingAet: 'CT1',
  applicationContextUid: APPLICATION_CONTEXT,
  contexts: [{ id: 1, abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
  user: {
    roles: [],
    extended: [],
    commonExtended: [],
    ...(wantsAnswer !== undefined && {
      userIdentity: {
        type: USER_IDENTITY_TYPE.usernamePasscode,
        wantsAnswer,
        primary: Buffer.from('u'),
        secondary: Buffer.from('p'),
      },
    }),
  },
});
const scp = { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 1 };

describe('user identity', () => {
  test.each([
    ['asked for and verified', true, true, true],
    ['asked for, but nothing was verified', true, false, false],
    ['verified, and not asked for', false, true, false],
    ['not shown at all', undefined, true, false],
  ])('%s', (_name, wantsAnswer, isIdentified, isAnswered) => {
    const { pdu } = negotiate(request(wantsAnswer), scp, { maxPduBytes: 16384, isIdentified });
    expect(pdu.user.userIdentityAnswer?.length).toBe(isAnswered ? 0 : undefined);
  });

  test('a wrong one is refused for good, by the provider, without a reason', () => {
    expect(rejection('wrong-identity')).toEqual({ kind: 'associate-rj', result: 1, source: 2, reason: 1 });
  });
});
