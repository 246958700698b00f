import type { EventHeader } from '../integrity/chain.ts';
import type { SigningKey } from '../integrity/signing-key.ts';

export const SYSTEM_FIELDS = [
  'name',
  'version',
  'purpose',
  'owner',
  'deployment_context',
  'risk_class_claimed',
] as const;

export const PARTY_FIELDS = [
  'provider_name',
  'provider_contact',
  'deployer_name',
  'deployer_contact',
  'role_claimed',
  'log_controller',
] as const;

/** What the operator states; shown as declared, never checked. */
export interface Declarations {
  readonly system?: { readonly [field in (typeof SYSTEM_FIELDS)[number]]?: string | undefined };
  readonly parties?: { readonly [field in (typeof PARTY_FIELDS)[number]]?: string | undefined };
  readonly retentionPolicy?: string | undefined;
  readonly upstreamCleanupDays?: number | undefined;
  readonly clockState?: string | undefined;
}

export interface PackageOptions {
  /** A UUID. */
  readonly id: string;
  /** RFC 3339, UTC, for instance `2026-04-01T09:00:00Z`. */
  readonly generatedAt: string;
  readonly tool: {
    readonly name: string;
    readonly version: string;
    readonly runtime: string;
    readonly platform: string;
    readonly source_commit?: string | undefined;
  };
  readonly declarations: Declarations;
  /** How sessions were chosen: arguments as given, and the two instants they mean. */
  readonly selection: {
    readonly arguments: { readonly [name: string]: string };
    readonly since?: string | undefined;
    readonly until?: string | undefined;
  };
  /** True for contents to enclose with their salt, exact or not at all. */
  readonly disclose: (header: EventHeader, contentName: string) => boolean;
  /** True for a content that redaction would change: it is withheld. */
  readonly touches: (text: string, media: string) => boolean;
  /** True for a header that redaction would change: it is counted, because it can be neither changed nor left out. */
  readonly touchesHeader: (header: EventHeader) => boolean;
  /** Digest of the redaction rules in use. */
  readonly redactionRules?: string | undefined;
  readonly keys: readonly SigningKey[];
  /** Who can read the key, for instance `file, same user as the agent`. */
  readonly keyProtection?: string | undefined;
}

/** What was written, for the person who asked for it. */
export interface PackageReport {
  readonly packageHash: string;
  /** What to sign or time-stamp elsewhere. */
  readonly statement: string;
  readonly checkpoint: string;
  readonly sessions: number;
  readonly events: number;
  readonly disclosed: number;
  /** Contents not enclosed, by reason. */
  readonly withheld: { readonly [reason: string]: number };
  /** Headers that hold something redaction would change; they cannot be changed without breaking their hash. */
  readonly touchedHeaders: number;
  /** Events whose stored hash is not that of their header: the store has been changed. */
  readonly brokenHashes: number;
}
