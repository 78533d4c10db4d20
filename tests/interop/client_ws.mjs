// Sends every message through `ws` and compares every byte of the echo.
//
// client_ws.mjs URL FILE EXPECTED: EXPECTED is what must have been negotiated, "-" for nothing. INTEROP_WINDOW is the
// window to ask for in both directions, 15 to ask for none, and INTEROP_MODULES where the packages are installed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(`${process.env.INTEROP_MODULES}/`));
const WebSocket = require('ws');

const [url, path, expected] = process.argv.slice(2);
const sent = [...read(readFileSync(path))];
const compressed = { sent: 0, received: 0 };

const bits = Number(process.env.INTEROP_WINDOW);
const windows = bits < 15 ? { serverMaxWindowBits: bits, clientMaxWindowBits: bits } : {};
const socket = new WebSocket(url, {
  // Its threshold holds without takeover alone: what it compresses is counted, not assumed.
  perMessageDeflate: { threshold: 64, ...windows },
  maxPayload: 0,
});
socket.on('error', (error) => {
  throw error;
});
setTimeout(() => assert.fail('no end in sight'), 60_000).unref();

socket.on('open', () => {
  assert.equal(socket.extensions === '' ? '-' : 'permessage-deflate', expected.split(';')[0]);
  const extension = socket._extensions['permessage-deflate'];
  if (extension) {
    count(extension, 'compress', 'sent');
    count(extension, 'decompress', 'received');
  }
  for (const message of sent) socket.send(message);
});

socket.on('upgrade', (response) => {
  assert.equal(response.headers['sec-websocket-extensions'] ?? '-', expected);
});

let number = 0;
socket.on('message', (data, isBinary) => {
  const message = sent[number];
  assert.equal(isBinary, typeof message !== 'string', `message ${number}: kind`);
  assert.ok(data.equals(Buffer.from(message)), `message ${number}: ${message.length} differ`);
  number += 1;
  if (number === sent.length) socket.ping('still there?');
});

socket.on('pong', (payload) => {
  assert.equal(payload.toString(), 'still there?');
  socket.close(1000, 'done');
});

socket.on('close', (code, reason) => {
  assert.equal(number, sent.length, 'messages echoed');
  assert.deepEqual([code, reason.toString()], [1000, 'done']);
  console.log(`messages=${number} sent=${compressed.sent} received=${compressed.received}`);
  process.exit(0);
});

function count(object, method, name) {
  const original = object[method];
  object[method] = function counted(...rest) {
    compressed[name] += 1;
    return original.apply(this, rest);
  };
}

function* read(file) {
  for (let at = 0; at < file.length; ) {
    const isText = file[at] === 't'.charCodeAt(0);
    const end = at + 5 + file.readUInt32BE(at + 1);
    const payload = file.subarray(at + 5, end);
    yield isText ? payload.toString() : payload;
    at = end;
  }
}
