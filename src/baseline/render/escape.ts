/** C0 and C1 control characters, line and paragraph separators, and bidirectional controls. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Lone surrogates, which no UTF-8 document can contain. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Further characters that XML 1.0 cannot contain even as a reference. */
const NOT_XML = /[\ufffe\uffff]/g;
const LONGEST = 200;

/** One line without control characters, at most 200 characters; the other escapes build on it. */
export function forTerminal(text: string): string {
  const line = text.replace(CONTROL, '�').replace(LONE_SURROGATE, '�');
  return line.length <= LONGEST ? line : `${[...line].slice(0, LONGEST - 1).join('')}…`;
}

/** Escapes text or an attribute value for XML 1.0. */
export function forXml(text: string): string {
  return forTerminal(text)
    .replace(NOT_XML, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/** Escapes the message of a GitHub workflow command; line ends written as \n remain line ends. */
export function forWorkflowMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Escapes a property of a GitHub workflow command, such as its title. */
export function forWorkflowProperty(text: string): string {
  return forWorkflowMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Escapes text inside a Markdown paragraph or table cell: it cannot become markup, a link, a mention or HTML. */
export function forMarkdown(text: string): string {
  return forTerminal(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#|!~]/g, (mark) => `\\${mark}`)
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/(https?):/gi, '$1&#58;')
    .replace(/\bwww\./gi, 'www&#46;');
}
