import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Runs a program under a terminal of its own and passes bytes on; orders come line by line on stdin. */
const DRIVER = `
import fcntl, os, pty, select, struct, sys, termios
rows, columns, *command = sys.argv[1:]
def size(fd, rows, columns): fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))
pid, terminal = pty.fork()
if pid == 0:
    size(0, rows, columns)
    os.execvp(command[0], command)
orders = b''
while True:
    ready, _, _ = select.select([terminal, 0], [], [])
    if terminal in ready:
        try: data = os.read(terminal, 65536)
        except OSError: break
        if not data: break
        os.write(1, data)
    if 0 in ready:
        orders += os.read(0, 4096)
        *lines, orders = orders.split(b'\\n')
        for line in lines:
            what, *values = line.decode().split()
            if what == 'size': size(terminal, *values)
            if what == 'interrupt': os.write(terminal, b'\\x03')
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if not os.WIFSIGNALED(status) else 1)
`;

/** Python's standard library makes the terminal. */
export const HAS_PSEUDO_TERMINAL = spawnSync('python3', ['-c', 'import pty']).status === 0;

export interface PseudoTerminal {
  readonly child: ChildProcess;
  /** All that the program wrote so far, control sequences included. */
  output(): string;
  resize(rows: number, columns: number): void;
  /** Ctrl-C. */
  interrupt(): void;
  ended(): Promise<number | null>;
}

export function startInTerminal(
  command: readonly string[],
  options: { readonly rows: number; readonly columns: number; readonly env: NodeJS.ProcessEnv },
): PseudoTerminal {
  const { rows, columns, env } = options;
  const args = ['-c', DRIVER, String(rows), String(columns), ...command];
  const child = spawn('python3', args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    output: () => Buffer.concat(chunks).toString('utf8'),
    resize: (newRows, newColumns) => void child.stdin.write(`size ${newRows} ${newColumns}\n`),
    interrupt: () => void child.stdin.write('interrupt\n'),
    ended: () => ended,
  };
}
