// What main and the backend's process say to each other. Keys go through main because only it has the system's key store.
import { z } from 'zod';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

export const startMessage = z.object({
  kind: z.literal('start'),
  version: z.string(),
  hasKeyStore: z.boolean(),
  data: z.string().optional(),
  passphraseFile: z.string().optional(),
  isDemoForced: z.boolean(),
  isDemoForbidden: z.boolean(),
});
export type StartMessage = z.infer<typeof startMessage>;

export const keyReply = z.object({
  kind: z.literal('key-reply'),
  id: z.number(),
  bytes: bytes.optional(),
  failure: z.string().optional(),
});
export const toBackend = z.discriminatedUnion('kind', [startMessage, keyReply, z.object({ kind: z.literal('stop') })]);
export type ToBackend = z.infer<typeof toBackend>;

export const fromBackend = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('serving'),
    origin: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
    token: z.string().min(32),
  }),
  z.object({ kind: z.literal('failed'), sentence: z.string() }),
  z.object({ kind: z.enum(['seal', 'open']), id: z.number(), bytes }),
]);
export type FromBackend = z.infer<typeof fromBackend>;
