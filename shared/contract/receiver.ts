// Our own receiver (storage SCP) as a person sets it up, and what should happen with what it receives.
import { z } from 'zod';
import { aet, nodeName, tlsChoice } from './nodes.ts';
import type { Validity } from './validity.ts';

const callerOf = <T extends z.ZodType<string>>(address: T) =>
  z
    .object({ aet: aet.optional(), address: address.optional() })
    .refine(
      (caller) => caller.aet !== undefined || caller.address !== undefined,
      'An AE title or an address is needed.',
    );

/** An IP address, or a range of them (RFC 4632 3.1, RFC 4291 2.3). The zone of a link-local address (RFC 4007 11) says nothing of the
 * sender. */
export const callerAddress = z
  .string()
  .max(64)
  .transform((text) => text.trim().replace(/%.*$/, ''))
  .pipe(
    z.union(
      [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
      'The address of a caller is an IP address, 10.0.0.7 or 2001:db8::7, or a range, 10.0.0.0/24, without names or asterisks.',
    ),
  );

/** Who may send: by AE title, by address, or both; what is absent is not looked at. */
export const allowedCaller = callerOf(callerAddress);

export const receiverSettings = z.object({
  isOn: z.boolean().default(true),
  aet: aet.default('LECTERN'),
  /** Address to listen on. Loopback, until a person chooses another. */
  host: z.string().max(64).default('127.0.0.1'),
  port: z.number().int().min(0).max(65535).default(11112),
  tls: tlsChoice.extend({ asksClientCertificate: z.boolean().default(true) }).optional(),
  /** Beside the nodes that are set up. On loopback everybody on this machine may send. Programs before this one took any text for an
   * address: it is read, and fits nobody. */
  callers: z
    .array(callerOf(z.string().max(64)))
    .max(500)
    .default([]),
  /** User name that every sender must show (PS3.7 D.3.3.7); the passcode is a secret. Absent: nobody is asked. */
  user: z.string().trim().min(1).max(256).optional(),
  maxAssociations: z.number().int().min(1).max(256).default(32),
  maxPduBytes: z
    .number()
    .int()
    .min(4096)
    .max(1024 * 1024)
    .default(131072),
  maxBytesPerSecond: z.number().int().positive().nullable().default(null),
  privateSopClassUids: z
    .array(z.string().regex(/^[0-9.]{1,64}$/))
    .max(256)
    .default([]),
});
export type ReceiverSettings = z.infer<typeof receiverSettings>;
/** Set together with the settings, which they have to fit; what is absent stays. One way, in. */
const receiverSecrets = z.object({
  /** Of the certificate. */
  key: z.string().min(1).max(100_000).optional(),
  /** Passcode that goes with the user name. */
  password: z.string().min(1).max(100_000).optional(),
});
export type ReceiverSecrets = z.infer<typeof receiverSecrets>;
/** As a person sets it: a setting that does not exist is refused, or the one that was meant would fall back to its default. */
export const receiverChange = receiverSettings
  .extend({ callers: z.array(allowedCaller).max(500).default([]), secrets: receiverSecrets.default({}) })
  .strict();
export const DEFAULT_RECEIVER: ReceiverSettings = receiverSettings.parse({});

/** What was received and matches all conditions is sent on. */
export const routingRule = z.object({
  name: z.string().trim().min(1).max(100),
  when: z.array(z.object({ keyword: z.string().regex(/^\w{1,64}$/), value: z.string().min(1).max(200) })).max(20),
  sendTo: nodeName,
});
export const routingRules = z.array(routingRule).max(200);
export type RoutingRule = z.infer<typeof routingRule>;

/** Which earlier studies of a patient are fetched when a study arrives. */
export const priorRules = z.object({
  isOn: z.boolean().default(false),
  /** Where to look, in this order. */
  nodes: z.array(nodeName).max(20).default([]),
  sameModality: z.boolean().default(true),
  sameBodyPart: z.boolean().default(false),
  maxAgeYears: z.number().positive().max(100).nullable().default(5),
  maxCount: z.number().int().min(1).max(50).default(3),
  /** DIMSE node whose worklist of today is looked at; absent: none. */
  worklistNode: nodeName.optional(),
});
export type PriorRules = z.infer<typeof priorRules>;
export const NO_PRIORS: PriorRules = priorRules.parse({});

/** Why priors may be missing: a node that could not be asked, for its worklist or for earlier studies, or whose list did not come
 * whole. */
export interface PriorProblem {
  /** ms since 1970. */
  at: number;
  node: string;
  what: 'worklist' | 'rest-of-worklist' | 'priors' | 'rest-of-priors';
  reason: string;
}

export interface ReceiverView {
  settings: ReceiverSettings;
  state: 'off' | 'listening' | 'failed';
  /** Where it listens now. */
  address: { host: string; port: number } | null;
  /** True when other machines can reach it: said on screen. */
  isOpenToNetwork: boolean;
  message: string | null;
  /** Callers that were turned away, each with how often for this reason and when last; newest first. `canBeAllowed`: they are on no
   * list of who may send. */
  refused: { at: number; count: number; callingAet: string; address: string; why: string; canBeAllowed: boolean }[];
  openAssociations: number;
}

/** Answer of GET /api/receiver: the receiver with the rules for what arrives. */
export interface NetworkView extends ReceiverView {
  /** The key of its certificate is set. */
  hasKey: boolean;
  /** The passcode that senders must show is set. */
  hasPasscode: boolean;
  /** Of its certificate; null where it has none. */
  certificateValidity: Validity | null;
  routing: RoutingRule[];
  /** Sentences: rules that send to a node that is not set up. */
  routingProblems: string[];
  priors: PriorRules;
  priorProblems: PriorProblem[];
}
