/** Decodes standard base64 with padding; undefined for every other spelling, because decoders differ on those. */
export function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
