import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uidOfUuid, uuidOf } from './uuid-uid.ts';

test('the UID of a UUID is its number, and leads back to it', () => {
  // By Python: uuid.UUID(...).int.
  expect(uidOfUuid('6f9619ff-8b86-4d11-b42d-00c04fc964ff')).toBe('2.25.148323679367508194839561032380141102335');
  expect(uidOfUuid('00000000-0000-4000-8000-000000000007')).toBe('2.25.302240678275694148452359');
  fc.assert(fc.property(fc.uuid(), (uuid) => uuidOf(uidOfUuid(uuid)) === uuid));
});

test.each(['1.2.840.10008.1.2', '2.25.', '2.25.01', '2.25.1.2', `2.25.${2n ** 128n}`, '2.25.x'])(
  '%s was made of no UUID',
  (uid) => {
    expect(uuidOf(uid)).toBeUndefined();
  },
);
