/** How one field of a message is read: a scalar, or the table of a nested message. */
export interface FieldSpec {
  readonly name: string;
  readonly type:
    | 'string'
    | 'bytes'
    | 'hex'
    | 'uint'
    | 'int64'
    | 'fixed64'
    | 'fixed32'
    | 'double'
    | 'bool'
    | MessageSpec;
  readonly repeated?: boolean;
}
export interface MessageSpec {
  readonly [field: number]: FieldSpec;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const WIRE: Record<string, number> = {
  string: 2,
  bytes: 2,
  hex: 2,
  uint: 0,
  int64: 0,
  bool: 0,
  fixed64: 1,
  double: 1,
  fixed32: 5,
};

/**
 * A decoder of its own for tests: strict about wire types, lengths and UTF-8, and it shares no code with what it
 * checks. 64-bit numbers come out as decimal strings, ids as hex, so that a message looks like its OTLP JSON.
 */
export function readMessage(bytes: Buffer, spec: MessageSpec): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('varint runs over the end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('varint of more than ten bytes');
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('field runs over the end');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const raw = (wire: number): bigint | Buffer => {
    if (wire === 0) return varint();
    if (wire === 1) return take(8);
    if (wire === 5) return take(4);
    if (wire === 2) return take(Number(varint()));
    throw new Error(`wire type ${wire}`);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value = raw(wire);
    const field = spec[tag >> 3];
    if (!field) continue;
    const expected = typeof field.type === 'object' ? 2 : WIRE[field.type];
    if (wire !== expected) throw new Error(`field ${field.name} has wire type ${wire}`);
    const decoded = decode(value, field.type);
    const earlier = message[field.name] as unknown[] | undefined;
    if (!field.repeated) message[field.name] = decoded;
    else if (earlier) earlier.push(decoded);
    else message[field.name] = [decoded];
  }
  return message;
}

function decode(value: bigint | Buffer, type: FieldSpec['type']): unknown {
  if (typeof value === 'bigint') {
    if (type === 'bool') return value !== 0n;
    return type === 'int64' ? BigInt.asIntN(64, value).toString() : Number(value);
  }
  if (typeof type === 'object') return readMessage(value, type);
  switch (type) {
    case 'string':
      return strictUtf8.decode(value);
    case 'hex':
      return value.toString('hex');
    case 'bytes':
      return value.toString('base64');
    case 'double': {
      const double = value.readDoubleLE();
      return Number.isFinite(double) ? double : String(double);
    }
    case 'fixed64':
      return value.readBigUInt64LE().toString();
    default:
      return value.readUInt32LE();
  }
}
