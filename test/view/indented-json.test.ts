import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indentedJson } from '../../src/view/app/indented-json.ts';

describe('indentedJson', () => {
  it('lays out what was written as JSON.stringify would', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(indentedJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('changes nothing but white space', () => {
    const text = '{ "id":12345678901234567890,"v":1.0,"2":[ ],"1":{},\n"v":"\\u202e\\" {,:}"}';
    expect(indentedJson(text)).toBe(
      '{\n  "id": 12345678901234567890,\n  "v": 1.0,\n  "2": [],\n  "1": {},\n  "v": "\\u202e\\" {,:}"\n}',
    );
  });

  it('takes space for deep nesting within bounds', () => {
    const text = '['.repeat(16_000) + ']'.repeat(16_000);
    expect(indentedJson(text).length).toBeLessThan(text.length * 100);
  });
});
