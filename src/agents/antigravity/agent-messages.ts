const START = '[Message] ';
const CONTENT = ' content=';
const END = '</SYSTEM_MESSAGE>';
const SENDER = /\bsender=(\S{1,200})/;

interface AgentMessage {
  readonly sender: string;
  readonly text: string;
}

/** `[Message] timestamp=… sender=… priority=… content=…`: a message from another agent or a background task. */
export function messageIn(content: string): AgentMessage | undefined {
  const start = content.indexOf(START);
  const cut = start === -1 ? -1 : content.indexOf(CONTENT, start);
  if (cut === -1) return undefined;
  const sender = SENDER.exec(content.slice(start, Math.min(cut, start + 500)))?.[1];
  if (sender === undefined) return undefined;
  const end = content.lastIndexOf(END);
  const text = content.slice(cut + CONTENT.length, end > cut ? end : content.length).trim();
  return { sender, text };
}
