// An archive for tests: accepts what is proposed, and answers each request as the test says. Built on our own association, so
// it keeps to the protocol; peers that do not are played by parrot.ts.
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { LecternError } from '#shared/contract/errors.ts';
import { Association, type IncomingRequest } from '../association.ts';
import { readByEvents } from '../connect.ts';
import { collectDataset } from '../message/collected-dataset.ts';
import { NO_DATA_SET } from '../message/command-set.ts';
import {
  APPLICATION_CONTEXT,
  type AnsweredContext,
  type AssociateRj,
  type AssociateRq,
  type UserInformation,
} from '../pdu/pdu.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

export interface PeerScript {
  /** Called once the request's data set is there. */
  onRequest(request: IncomingRequest, association: Association, dataset: Buffer | undefined): Promise<void> | void;
  /** Answers one proposed context; default: its first transfer syntax. */
  answer?(context: AssociateRq['contexts'][number]): AnsweredContext;
  reject?(pdu: AssociateRq): AssociateRj | undefined;
  user?(pdu: AssociateRq): Partial<UserInformation>;
}

export interface ScriptedPeer {
  port: number;
  /** Requests for associations, in their order. */
  requests: AssociateRq[];
  close(): Promise<void>;
}

export async function startPeer(script: PeerScript): Promise<ScriptedPeer> {
  const requests: AssociateRq[] = [];
  const open = new Set<Association>();
  const server = net.createServer((socket) => {
    const association: Association = new Association(readByEvents(socket), DEFAULT_SETTINGS, {
      onAssociateRequest: (pdu) => {
        requests.push(pdu);
        const rejection = script.reject?.(pdu);
        if (rejection) return association.reject(rejection);
        accept(association, pdu, script);
      },
      onAccepted: () => undefined,
      onRequest: (request) => {
        const take = (dataset: Buffer | undefined): undefined => {
          Promise.resolve(script.onRequest(request, association, dataset)).catch((error: unknown) =>
            association.abort(new LecternError('internal', 'The script failed.', { cause: error })),
          );
        };
        if (request.command.dataSetType === NO_DATA_SET) return take(undefined);
        return collectDataset(take, (error) => association.abort(error));
      },
      onEnd: () => void open.delete(association),
    });
    open.add(association);
    association.listen();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const association of open) association.abort(new LecternError('peer-aborted', 'The peer is closing.'));
      await closed;
    },
  };
}

function accept(association: Association, pdu: AssociateRq, script: PeerScript): void {
  const contexts = pdu.contexts.map(
    (context): AnsweredContext =>
      script.answer?.(context) ?? { id: context.id, result: 0, transferSyntaxUid: context.transferSyntaxUids[0] ?? '' },
  );
  const accepted = contexts.flatMap(({ id, result, transferSyntaxUid }, index) =>
    result === 0 ? [{ id, transferSyntaxUid, abstractSyntaxUid: pdu.contexts[index]?.abstractSyntaxUid ?? '' }] : [],
  );
  const user = { maxPduBytes: 16384, roles: pdu.user.roles, extended: [], commonExtended: [], ...script.user?.(pdu) };
  association.accept(
    {
      kind: 'associate-ac',
      protocolVersion: 1,
      calledAet: pdu.calledAet,
      callingAet: pdu.callingAet,
      applicationContextUid: APPLICATION_CONTEXT,
      contexts,
      user,
    },
    accepted,
    pdu.user.maxPduBytes ?? 0,
  );
}
