// `ws` from npm as a client that compares every echo, or as a server that echoes. Jobs and answers are those of jobs.py,
// forms those of forms.py; INTEROP_MODULES is where the packages are installed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';

const require = createRequire(pathToFileURL(`${process.env.INTEROP_MODULES}/`));
const WebSocket = require('ws');

const SECONDS = 20;
const MOST_ON_THE_WAY = 64;
const NAMES = {
  server_no_context_takeover: 'serverNoContextTakeover',
  client_no_context_takeover: 'clientNoContextTakeover',
  server_max_window_bits: 'serverMaxWindowBits',
  client_max_window_bits: 'clientMaxWindowBits',
};

function client(job) {
  const sent = [...read(readFileSync(job.messages))];
  return new Promise((resolve, reject) => {
    let header = '';
    let number = 0;
    const socket = new WebSocket(`ws://${job.address}/`, {
      perMessageDeflate: parameters(job.deflate),
      maxPayload: 0,
    });
    const sender = new Sender(socket);
    // It hangs up when it owes too many pongs, and those wait behind what is queued.
    const goOn = () => {
      while (sender.messages < Math.min(sent.length, number + MOST_ON_THE_WAY)) {
        const message = sent[sender.messages];
        sender.send(message, typeof message !== 'string');
      }
    };
    socket.on('upgrade', (response) => {
      header = response.headers['sec-websocket-extensions'] ?? '';
    });
    socket.on('open', () => {
      sender.open();
      goOn();
    });
    socket.on('message', (data, isBinary) => {
      try {
        const message = sent[number];
        assert.equal(isBinary, typeof message !== 'string', `message ${number}: kind`);
        assert.ok(data.equals(Buffer.from(message)), `message ${number}: ${message.length} differ`);
        number += 1;
        goOn();
        if (number === sent.length) sender.whenAnswered(() => socket.close(1000, 'done'));
      } catch (error) {
        socket.terminate();
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      if (number === sent.length && code === 1000) resolve(sender.counts(header));
      reject(new Error(`closed with ${code} ${reason} after ${number} messages`));
    });
  });
}

function server(job) {
  return new Promise((resolve, reject) => {
    const listening = new WebSocket.Server({
      host: '127.0.0.1',
      port: 0,
      perMessageDeflate: parameters(job.deflate),
      maxPayload: 0,
    });
    let header = '';
    listening.on('listening', () => say({ port: listening.address().port }));
    listening.on('headers', (lines) => {
      const line = lines.find((line) => /^sec-websocket-extensions:/i.test(line));
      header = line === undefined ? '' : line.slice(line.indexOf(':') + 1);
    });
    listening.on('wsClientError', reject);
    listening.on('connection', (socket) => {
      const sender = new Sender(socket);
      sender.open();
      socket.on('message', (data, isBinary) => sender.send(data, isBinary));
      socket.on('error', reject);
      socket.on('close', (code) => {
        listening.close();
        if (code === 1000) resolve(sender.counts(header));
        else reject(new Error(`closed with ${code}`));
      });
    });
  });
}

// Sends in every form, and pings in between.
class Sender {
  constructor(socket) {
    Object.assign(this, { socket, messages: 0, fragmented: 0, pings: 0, pongs: 0, sent: 0, received: 0 });
    this.answered = null;
    socket.on('pong', (payload) => {
      if (payload.toString() !== `${this.pongs}`) socket.emit('error', new Error('a pong that answers no ping'));
      this.pongs += 1;
      if (this.pongs === this.pings) this.answered?.();
    });
  }

  open() {
    const extension = this.socket._extensions['permessage-deflate'];
    if (extension) {
      this.count(extension, 'compress', 'sent');
      this.count(extension, 'decompress', 'received');
    }
  }

  count(extension, method, name) {
    const original = extension[method].bind(extension);
    extension[method] = (data, fin, callback) => {
      if (fin) this[name] += 1;
      return original(data, fin, callback);
    };
  }

  send(message, binary) {
    const number = this.messages;
    this.messages += 1;
    if (number % 16 === 5) {
      this.socket.ping(`${this.pings}`);
      this.pings += 1;
    }
    const compress = number % 3 !== 2;
    if (number % 4 !== 3) {
      this.socket.send(message, { binary, compress });
      return;
    }
    this.fragmented += 1;
    const pieces = fragments(Buffer.from(message), number);
    pieces.forEach((piece, at) => {
      this.socket.send(piece, { binary, compress, fin: at === pieces.length - 1 });
    });
  }

  whenAnswered(callback) {
    if (this.pongs === this.pings) callback();
    else this.answered = callback;
  }

  counts(header) {
    const { messages, sent, received, fragmented, pings, pongs } = this;
    return { header, messages, sent, received, fragmented, pings, pongs };
  }
}

function parameters(deflate) {
  if (deflate === null) return false;
  const named = Object.entries(deflate).map(([name, value]) => [NAMES[name], value]);
  // Its threshold holds without takeover alone: what it compresses is counted, not assumed.
  return { threshold: 64, ...Object.fromEntries(named) };
}

// Text may be cut inside a character.
function fragments(bytes, number) {
  const size = Math.floor(bytes.length / (2 + (Math.floor(number / 4) % 4))) + 1;
  const pieces = [bytes.subarray(0, size)];
  for (let at = size; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  if (pieces.length < 2 || number % 3 === 0) pieces.push(Buffer.alloc(0));
  return pieces;
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

function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function say(answer) {
  console.log(JSON.stringify(answer));
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  try {
    say(await within(SECONDS, job.role === 'client' ? client(job) : server(job)));
  } catch (error) {
    console.error(error);
    say({ error: `${error}` });
  }
}
