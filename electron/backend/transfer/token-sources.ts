// Access tokens of the nodes that are signed in to, over the pieces of work that use them: while settings and secrets are the same, a
// token is good until it ends.
import { Turns } from '#backend/base/turns.ts';
import type { NodeStore } from '#backend/credentials/node-store.ts';
import type { TokenSource } from '#backend/sources/dicomweb/node.ts';
import { createTokenSource, type OauthSettings } from '#backend/sources/dicomweb/oauth.ts';
import type { DicomwebNodeSettings } from '#shared/contract/nodes.ts';

interface Kept {
  /** What the tokens are got by; holds secrets. */
  by: string;
  /** The refresh token as this source left it: another one is of another signing in. */
  refresh: string | undefined;
  tokens: TokenSource;
}

export class TokenSources {
  readonly #kept = new Map<string, Kept>();
  readonly #turns = new Turns();

  async of(nodes: NodeStore, node: DicomwebNodeSettings, settings: OauthSettings): Promise<TokenSource> {
    const { name } = node;
    for (const other of this.#kept.keys()) if (!nodes.has(other)) this.#kept.delete(other);
    const by = JSON.stringify([node, settings]);
    const refresh = await nodes.vault.read(name, 'refresh');
    const before = this.#kept.get(name);
    if (before?.by === by && before.refresh === refresh) return before.tokens;
    const kept: Kept = {
      by,
      refresh,
      tokens: createTokenSource(settings, {
        read: () => nodes.vault.read(name, 'refresh'),
        replace: async (sent, next) => {
          const isReplaced = await nodes.vault.replace(name, 'refresh', sent, next);
          if (isReplaced && next !== undefined) kept.refresh = next;
          return isReplaced;
        },
        inTurn: (work) => this.#turns.take(name, work),
      }),
    };
    this.#kept.set(name, kept);
    return kept.tokens;
  }
}
