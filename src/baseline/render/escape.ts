/** C0 and C1 controls, line and paragraph separators, and the marks that reorder text. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Lone halves of surrogate pairs, which no UTF-8 document can hold. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** What XML 1.0 cannot hold even as a reference, beyond the controls above. */
const NOT_XML = /[\ufffe\uffff]/g;
const LONGEST = 200;

/** One line without control characters, at most 200 characters; every other escape builds on it. */
export function forTerminal(text: string): string {
  const line = text.replace(CONTROL, '�').replace(LONE_SURROGATE, '�');
  return line.length <= LONGEST ? line : `${[...line].slice(0, LONGEST - 1).join('')}…`;
}

/** Text or attribute value of XML 1.0. */
export function forXml(text: string): string {
  return forTerminal(text)
    .replace(NOT_XML, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/** Message of a GitHub workflow command; line ends written as \n stay line ends there. */
export function forWorkflowMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Property of a GitHub workflow command, such as its title. */
export function forWorkflowProperty(text: string): string {
  return forWorkflowMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Text inside a Markdown paragraph or table cell: no mark-up, link, mention or HTML comes of it. */
export function forMarkdown(text: string): string {
  return forTerminal(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#|!~]/g, (mark) => `\\${mark}`)
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/(https?):/gi, '$1&#58;')
    .replace(/\bwww\./gi, 'www&#46;');
}
