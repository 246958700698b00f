import { createServer } from 'node:http';

/** Takes every request, keeps nothing; ends by itself after half an hour. */
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, {
      'content-type': request.headers['content-type'] ?? 'application/x-protobuf',
    });
    response.end(request.headers['content-type'] === 'application/json' ? '{}' : undefined);
  });
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${(server.address() as { port: number }).port}\n`),
);
setTimeout(() => process.exit(0), 30 * 60_000).unref();
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
