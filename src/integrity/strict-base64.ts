/** Bytes of standard base64 with its padding; undefined for every other spelling, on which decoders differ. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
