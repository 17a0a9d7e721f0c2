// The /api addresses of other systems: nodes and their secrets (one way, in), test, search over several at once, retrieve, send,
// our receiver with its rules.
import { Hono } from 'hono';
import { z } from 'zod';
import { validityOf } from '#backend/credentials/node-store.ts';
import type { OpenParts } from '#backend/open-parts.ts';
import type { MatchKey } from '#backend/sources/source.ts';
import { beginConsent } from '#backend/sources/dicomweb/oauth.ts';
import { oauthOf } from '#backend/transfer/open-source.ts';
import { withCertificate } from '#backend/transfer/peek-certificate.ts';
import { usersOf } from '#backend/transfer/node-users.ts';
import { RECEIVER_SECRETS } from '#backend/transfer/receiver.ts';
import { tagOf, vrOf } from '#shared/dicom/dictionary.ts';
import { LecternError } from '#shared/contract/errors.ts';
import {
  retrieveRequest,
  searchRequest,
  sendRequest,
  type SearchEvent,
  type SearchRequest,
} from '#shared/contract/network.ts';
import {
  nodeSettings,
  secretName,
  type NodeEdited,
  type NodesImported,
  type NodeView,
  type TestLine,
} from '#shared/contract/nodes.ts';
import { priorRules, receiverChange, routingRules, type NetworkView } from '#shared/contract/receiver.ts';
import { checkedBody } from './checked-body.ts';
import { ndjson } from './ndjson.ts';

const secretBody = z.object({ value: z.string().min(1).max(100_000) });
const importBody = z.object({ nodes: z.array(nodeSettings).max(500) });

export function networkRoutes(open: () => OpenParts, onBug: (error: unknown) => void): Hono {
  const app = new Hono();
  const sentence = (error: unknown): { code: string; reason: string } => {
    if (error instanceof LecternError) return { code: error.code, reason: error.message };
    onBug(error);
    return { code: 'internal', reason: 'Something failed inside Lectern.' };
  };
  nodeRoutes(app, open, sentence);
  transferRoutes(app, open, sentence);
  receiverRoutes(app, open);
  return app;
}

type Sentence = (error: unknown) => { code: string; reason: string };

/** Every change of the network's settings is asked for and told. */
function changing(open: () => OpenParts, detail: string): OpenParts {
  const parts = open();
  parts.useCases.check('configure');
  parts.useCases.audit('network-configuration', 0, { detail });
  return parts;
}

function nodeRoutes(app: Hono, open: () => OpenParts, sentence: Sentence): void {
  /** By node; of the last signing in, which ends on another page than ours. */
  const signInFailures = new Map<string, string>();
  /** By node; signing in again ends the one before, which then has nothing more to say. */
  const signIns = new Map<string, AbortController>();
  app.get('/nodes', (c) => {
    const { nodes, useCases } = open();
    useCases.check('read');
    const views = nodes.list().map((view): NodeView => {
      const signInFailure = signInFailures.get(view.settings.name);
      return { ...view, ...(signInFailure !== undefined && { signInFailure }) };
    });
    return c.json({ nodes: views });
  });
  app.put('/nodes/:name', async (c) => {
    const settings = await checkedBody(c.req.raw, nodeSettings);
    const name = c.req.param('name');
    const { nodes, rules, archive, jobs } = changing(open, `node ${name} set up`);
    if (!nodes.list().some((node) => node.settings.name === name)) {
      nodes.add(settings);
      return c.json({ forgotten: [] } satisfies NodeEdited);
    }
    const forgotten = await nodes.edit(name, settings);
    if (settings.name !== name) {
      rules.renameNode(name, settings.name);
      archive.index.renameNode(name, settings.name);
      jobs.renameNode(name, settings.name);
    }
    return c.json({ forgotten } satisfies NodeEdited);
  });
  // What uses it is not to find out by failing: who removes it all the same has been told.
  app.delete('/nodes/:name', (c) => {
    const name = c.req.param('name');
    const parts = open();
    parts.useCases.check('configure');
    const users = c.req.query('anyway') === 'true' ? [] : usersOf(name, parts);
    if (users.length) throw new LecternError('conflict', `${name} was not removed: it is used by ${users.join(', ')}.`);
    changing(open, `node ${name} removed`).nodes.remove(name);
    return c.body(null, 204);
  });
  app.put('/nodes/:name/secrets/:secret', async (c) => {
    const secret = secretName.exclude(['refresh']).safeParse(c.req.param('secret'));
    if (!secret.success) throw new LecternError('bad-request', 'A node has the secrets password and key.');
    const { value } = await checkedBody(c.req.raw, secretBody);
    const name = c.req.param('name');
    const { nodes } = changing(open, `a secret of ${name} set`);
    await nodes.setSecret(name, secret.data, value);
    return c.body(null, 204);
  });
  app.delete('/nodes/:name/secrets/:secret', (c) => {
    const secret = secretName.safeParse(c.req.param('secret'));
    if (!secret.success) throw new LecternError('bad-request', 'A node has the secrets password, key and refresh.');
    changing(open, `a secret of ${c.req.param('name')} forgotten`).nodes.vault.forget(c.req.param('name'), secret.data);
    return c.body(null, 204);
  });
  app.post('/nodes/:name/test', (c) => {
    const { transfers, nodes, useCases } = open();
    useCases.check('query');
    const name = c.req.param('name');
    return ndjson<TestLine>(
      (send, signal) =>
        transfers.with(name, async (source) => {
          for await (const step of source.test(signal)) send(await withCertificate(step, nodes.get(name), signal));
        }),
      (error) => ({ failed: sentence(error) }),
    );
  });
  app.post('/nodes/:name/sign-in', async (c) => {
    const name = c.req.param('name');
    const { nodes } = changing(open, `signing in to ${name}`);
    const settings = nodes.get(name);
    if (settings.kind !== 'dicomweb' || settings.auth.kind !== 'oauth')
      throw new LecternError('bad-request', `${name} is no node to sign in to.`);
    const signIn = new AbortController();
    const fails = (words: string): void => {
      if (!signIn.signal.aborted) signInFailures.set(name, words);
    };
    // Seen by the node's secrets: `refresh` is there once it is done.
    const consent = await beginConsent(
      await oauthOf(nodes, settings, settings.auth),
      (token) => nodes.keepRefresh(settings, token),
      signIn.signal,
      fails,
    );
    signIns.get(name)?.abort();
    signIns.set(name, signIn);
    signInFailures.delete(name);
    consent.done.then(
      // Of an answer that was none of it.
      () => void signInFailures.delete(name),
      (error: unknown) => fails(sentence(error).reason),
    );
    return c.json({ address: consent.address });
  });
  app.get('/nodes-export', (c) => {
    const { nodes, useCases } = open();
    useCases.check('configure');
    return c.json({ nodes: nodes.list().map(({ settings }) => settings) }, 200, {
      'content-disposition': 'attachment; filename="lectern-nodes.json"',
    });
  });
  app.post('/nodes-import', async (c) => {
    const { nodes: given } = await checkedBody(c.req.raw, importBody);
    const { nodes } = changing(open, `${given.length} nodes imported`);
    const forgotten = nodes.takeAll(given);
    return c.json({ imported: given.length, forgotten } satisfies NodesImported);
  });
}

/** Throws LecternError 'bad-request' naming what is not known. */
export function searchKeys(match: SearchRequest['match']): MatchKey[] {
  return match.map(({ keyword, value }) => {
    const path = keyword.split('.').map((part) => {
      const tag = /^[0-9a-f]{8}$/i.test(part) ? part.toUpperCase() : tagOf(part);
      if (tag === undefined)
        throw new LecternError('bad-request', `${part} is not an attribute of the DICOM dictionary.`);
      return tag;
    });
    return { path, vr: vrOf(path.at(-1) ?? '') ?? 'UN', value };
  });
}

/** What lists show beside the attributes that every query asks for: description, issuer, birth date, sex, referrer, and
 * whether it lies off line (PS3.4 C.4.1.1.3). */
const SHOWN: Partial<Record<SearchRequest['level'], readonly string[]>> = {
  study: ['00081030', '00100021', '00100030', '00100040', '00080090', '00080056'],
  series: ['0008103E', '00180015', '00080056'],
};

function transferRoutes(app: Hono, open: () => OpenParts, sentence: Sentence): void {
  app.post('/search', async (c) => {
    const { nodes, level, match, limit, offset } = await checkedBody(c.req.raw, searchRequest);
    const { transfers, useCases } = open();
    useCases.check('query');
    const request = { level, keys: searchKeys(match), include: SHOWN[level] ?? [], limit, offset };
    useCases.audit('query', 0, { detail: `${level} at ${nodes.join(', ')}` });
    return ndjson<SearchEvent>(
      async (send, signal) => {
        await Promise.all(
          nodes.map(async (node) => {
            let count = 0;
            try {
              await transfers.with(node, async (source) => {
                for await (const answer of source.query(request, signal)) {
                  if (answer.kind === 'match') {
                    count++;
                    send({ node, kind: 'match', dataset: answer.dataset });
                  } else send({ node, ...answer });
                }
              });
              send({ node, kind: 'done', count });
            } catch (error) {
              send({ node, kind: 'failed', ...sentence(error) });
            }
          }),
        );
      },
      (error) => ({ node: '', kind: 'failed', ...sentence(error) }),
    );
  });
  app.post('/retrieve', async (c) => {
    const { node, studyUid, seriesUid, patientId, title, urgency } = await checkedBody(c.req.raw, retrieveRequest);
    const { jobs, nodes, useCases } = open();
    useCases.check('retrieve', studyUid);
    nodes.get(node);
    const input = {
      node,
      studyUid,
      ...(patientId !== undefined && { patientId }),
      ...(seriesUid !== undefined && { seriesUid }),
    };
    return c.json({ job: jobs.start('retrieve', `${title || studyUid} from ${node}`, input, urgency) });
  });
  app.post('/send', async (c) => {
    const { node, uids, title, commit } = await checkedBody(c.req.raw, sendRequest);
    const { jobs, nodes, transfers, useCases } = open();
    useCases.check('send');
    nodes.get(node);
    const count = transfers.locate(uids).length;
    return c.json({ job: jobs.start('send', `${title || `${count} instances`} to ${node}`, { node, uids, commit }) });
  });
}

function receiverRoutes(app: Hono, open: () => OpenParts): void {
  app.get('/receiver', (c) => {
    const { receiver, useCases, rules, nodes } = open();
    useCases.check('read');
    const secrets = nodes.vault.names(RECEIVER_SECRETS);
    const view = receiver.view();
    const { certificate } = view.settings.tls ?? {};
    return c.json({
      ...view,
      hasKey: secrets.includes('key'),
      hasPasscode: secrets.includes('password'),
      certificateValidity: certificate === undefined ? null : validityOf(certificate),
      routing: rules.routing(),
      routingProblems: rules.routingProblems(),
      priors: rules.priors(),
      priorProblems: rules.problems(),
    } satisfies NetworkView);
  });
  app.put('/receiver', async (c) => {
    const { secrets, ...settings } = await checkedBody(c.req.raw, receiverChange);
    const { receiver } = changing(
      open,
      `receiver ${settings.isOn ? `${settings.aet} on ${settings.host}:${settings.port}` : 'off'}${Object.keys(secrets).length ? ', its secrets set' : ''}`,
    );
    if (settings.tls?.certificate !== undefined) validityOf(settings.tls.certificate);
    await receiver.change(settings, secrets);
    return c.json(receiver.view());
  });
  app.put('/routing', async (c) => {
    const rules = await checkedBody(c.req.raw, routingRules);
    for (const { when } of rules) searchKeys(when.map(({ keyword, value }) => ({ keyword, value })));
    changing(open, 'routing rules').rules.setRouting(rules);
    return c.body(null, 204);
  });
  app.put('/priors', async (c) => {
    const rules = await checkedBody(c.req.raw, priorRules);
    changing(open, 'rules for priors').rules.setPriors(rules);
    return c.body(null, 204);
  });
}
