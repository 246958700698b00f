// Preloaded into commands of the documentation: every host is the receiver on loopback.
const dns = require('node:dns');
const http = require('node:http');
const https = require('node:https');

const port = Number(process.env.DOCS_RECEIVER_PORT);
const plainRequest = http.request;

function toReceiver(target, options, callback) {
  const url = typeof target === 'string' ? new URL(target) : target;
  const { method, headers } = options;
  const path = `${url.pathname}${url.search}`;
  return plainRequest({ host: '127.0.0.1', port, path, method, headers }, callback);
}

http.request = toReceiver;
https.request = toReceiver;
dns.lookup = () => {
  throw new Error('a command of the documentation looked up a host');
};
