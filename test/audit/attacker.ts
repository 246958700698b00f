import type { AuditSource } from '../../src/audit/audit-source.ts';
import {
  ListDigest,
  packageHash,
  sectionDigest,
  sessionDigestText,
} from '../../src/audit/package-format.ts';
import type { PackageOptions } from '../../src/audit/package-options.ts';
import { canonicalJson } from '../../src/integrity/canonical-json.ts';
import { hashEvent } from '../../src/integrity/chain.ts';
import { commitContent } from '../../src/integrity/commitment.ts';
import { genesisHash } from './memory-source.ts';
import { packageText } from './sample-store.ts';

/** A package as whoever edits it sees it. */
// biome-ignore lint/suspicious/noExplicitAny: an attacker edits what is there, typed or not
export type Document = any;

/** Recomputes every chain, the ledger, the derived blocks and the package hash; signs with what is given. */
export function rebuild(document: Document, options: Partial<PackageOptions> = {}): Document {
  const heads = new Map<string, string[]>();
  for (const session of document.sessions) heads.set(session.genesis.session, rechain(session));
  const leaves = document.ledger
    .filter((leaf: Document) => leaf.session === undefined || heads.has(leaf.session))
    .map((leaf: Document, index: number, all: Document[]) => {
      const hashes = heads.get(leaf.session);
      if (hashes === undefined) return leaf;
      if (leaf.t === 'session_open') return { ...leaf, genesis: hashes[0] };
      if (leaf.count === undefined) return leaf;
      const isLast = !all
        .slice(index + 1)
        .some((later) => later.session === leaf.session && later.count !== undefined);
      const count = isLast ? hashes.length - 1 : Math.min(leaf.count, hashes.length - 1);
      return { ...leaf, count, hash: hashes[count] };
    });
  const source: AuditSource = {
    origin: document.integrity.origin,
    leaves: () => leaves.map(canonicalJson),
    sessions: () => document.sessions.map(auditSession),
    excluded: () => document.selection.excluded,
  };
  return JSON.parse(packageText(source, { keys: [], ...options }).text);
}

/** Makes the chain of a session consistent again; returns its hashes, that of the genesis first. */
function rechain(session: Document): string[] {
  const hashes = [genesisHash(session.genesis)];
  session.events.forEach((event: Document, n: number) => {
    const { header } = event;
    Object.assign(header, {
      n,
      prev: hashes[n],
      chain: session.genesis.chain,
      session: session.genesis.session,
    });
    for (const [name, item] of Object.entries<Document>(event.disclosure ?? {})) {
      const commit = commitContent(Buffer.from(item.salt, 'hex'), item.text);
      Object.assign(header.content[name], { commit, size: Buffer.byteLength(item.text) });
    }
    event.hash = hashEvent(canonicalJson(header));
    hashes.push(event.hash);
  });
  return hashes;
}

function auditSession(session: Document) {
  return {
    session: session.genesis.session,
    genesis: canonicalJson(session.genesis),
    events: () =>
      session.events.map((event: Document) => ({
        header: canonicalJson(event.header),
        hash: event.hash,
        disclose(name: string) {
          const item = event.disclosure?.[name];
          return item === undefined
            ? undefined
            : { salt: Buffer.from(item.salt, 'hex'), text: item.text };
        },
      })),
  };
}

/** Recomputes only the package hash. */
export function rehash(document: Document): Document {
  const digests: { [section: string]: string } = {};
  for (const [name, value] of Object.entries<Document>(document)) {
    if (name === 'package_hash' || name === 'attestations') continue;
    if (name === 'ledger') digests[name] = listDigest(value.map(canonicalJson));
    else if (name === 'sessions') digests[name] = listDigest(value.map(sessionText));
    else digests[name] = sectionDigest(value);
  }
  return { ...document, package_hash: packageHash(digests) };
}

function sessionText(session: Document): string {
  return sessionDigestText({ ...session, events: listDigest(session.events.map(canonicalJson)) });
}

function listDigest(texts: string[]): string {
  const digest = new ListDigest();
  for (const text of texts) digest.add(text);
  return digest.hex();
}
