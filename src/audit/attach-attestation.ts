import { canonicalJson } from '../integrity/canonical-json.ts';
import { StrictJsonReader } from '../integrity/strict-json.ts';
import { mostParts } from './package-format.ts';
import type { OpenPackage } from './verify-package.ts';

/** A statement that vouches for a package and is not covered by the package hash. */
export interface Attestation {
  readonly type: 'checkpoint' | 'package' | 'rfc3161';
  /** A signed note, or a base64 time-stamp token. */
  readonly data: string;
  /** What a time-stamp token covers. */
  readonly covers?: 'package' | 'checkpoint' | undefined;
}

/**
 * Streams the package with one attestation appended; everything else is unchanged apart from white
 * space. @throws StrictJsonError when the package is not strict JSON.
 */
export function* attachAttestation(open: OpenPackage, attestation: Attestation): Generator<string> {
  const reader = new StrictJsonReader(open());
  reader.beginObject();
  let separator = '{\n';
  for (let name = reader.nextKey(); name !== undefined; name = reader.nextKey()) {
    yield `${separator}${JSON.stringify(name)}:`;
    separator = ',\n';
    if (name === 'sessions') yield* copySessions(reader);
    else if (name === 'ledger') yield* copyList(reader);
    else if (name === 'attestations') yield canonicalJson([...(reader.value() as []), attestation]);
    else yield canonicalJson(reader.value(mostParts(name)));
  }
  reader.end();
  yield '\n}\n';
}

function* copySessions(reader: StrictJsonReader): Generator<string> {
  reader.beginArray();
  yield '[';
  for (let first = true; reader.nextElement(); first = false) {
    yield first ? '\n{' : ',\n{';
    reader.beginObject();
    let separator = '';
    for (let name = reader.nextKey(); name !== undefined; name = reader.nextKey()) {
      yield `${separator}${JSON.stringify(name)}:`;
      separator = ',';
      if (name === 'events') yield* copyList(reader);
      else yield canonicalJson(reader.value());
    }
    yield '}';
  }
  yield '\n]';
}

function* copyList(reader: StrictJsonReader): Generator<string> {
  reader.beginArray();
  yield '[';
  for (let first = true; reader.nextElement(); first = false) {
    const text = reader.canonicalObject()?.text ?? canonicalJson(reader.value());
    yield `${first ? '\n' : ',\n'}${text}`;
  }
  yield '\n]';
}
