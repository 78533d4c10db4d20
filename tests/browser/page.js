// Talks to each of the servers that /servers lists, and posts what it found to /verdict.
"use strict";

const LENGTHS = [0, 1, 125, 126, 1000, 65535, 65536, 1 << 20, 4 << 20];
// Those that a page may close with.
const CODES = [1000, 3000, 4999];
// What a server may close with.
const CODES_OF_SERVERS = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999];
// For one answer. The longest message takes less than one second.
const MILLISECONDS = 20000;
const QUEUED = 64;

class Difference extends Error {}

function expect(what, is, wanted) {
    if (is !== wanted) throw new Difference(`${what}: ${is} instead of ${wanted}`);
}

// A small generator, so that a run can be repeated (xorshift).
let state = 0x9e3779b9;
function random() {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
}

const ALPHABETS = {
    ascii: [..."{\"price\":12345.67,\"side\":\"buy\"}"],
    multilingual: [..."Grüße, Καλημέρα, здравствуй, 你好, こんにちは, مرحبا, 🦀🌍"],
    "above the basic plane": [..."🦀🌍🚀😀"],
};

/** A text whose UTF-8 has as many bytes as asked for. */
function text(alphabet, bytes) {
    const sizes = alphabet.map((character) => new TextEncoder().encode(character).length);
    const parts = [];
    let left = bytes;
    while (left > 0) {
        const at = random() % alphabet.length;
        const fits = sizes[at] <= left;
        parts.push(fits ? alphabet[at] : "x");
        left -= fits ? sizes[at] : 1;
    }
    return parts.join("");
}

function binary(bytes, isRandom) {
    const array = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 1) array[at] = isRandom ? random() : (at >> 4) & 0x3f;
    return array;
}

function* messages() {
    for (const length of LENGTHS) {
        for (const alphabet of Object.values(ALPHABETS)) yield text(alphabet, length);
        yield binary(length, false);
        yield binary(length, true);
    }
    // Many small ones, which lean on each other where the context is taken over.
    for (let number = 0; number < 500; number += 1) {
        yield text(ALPHABETS.ascii, random() % 200);
        yield binary(random() % 200, number % 2 === 0);
    }
}

function same(sent, received) {
    if (typeof sent === "string" || typeof received === "string") return sent === received;
    const bytes = new Uint8Array(received);
    return bytes.length === sent.length && bytes.every((byte, at) => byte === sent[at]);
}

/** An open connection whose messages and end can be awaited. */
class Connection {
    static async open(server) {
        const socket = new WebSocket(server.url);
        socket.binaryType = "arraybuffer";
        const connection = new Connection(socket);
        await within(connection.opened, "no opening");
        const agreed = socket.extensions.startsWith("permessage-deflate");
        expect(`the extensions are "${socket.extensions}"; compression`, agreed, server.deflate);
        return connection;
    }

    constructor(socket) {
        this.socket = socket;
        this.received = [];
        this.wanted = [];
        this.opened = new Promise((resolve, reject) => {
            socket.onopen = resolve;
            socket.onerror = () => reject(new Difference("the connection failed"));
        });
        this.closed = new Promise((resolve) => { socket.onclose = resolve; });
        this.closed.then((end) => {
            for (const { reject } of this.wanted) reject(new Difference(`closed with ${end.code} instead of an echo`));
        });
        socket.onmessage = ({ data }) => {
            if (this.wanted.length > 0) this.wanted.shift().resolve(data);
            else this.received.push(data);
        };
    }

    next() {
        if (this.received.length > 0) return Promise.resolve(this.received.shift());
        return new Promise((resolve, reject) => this.wanted.push({ resolve, reject }));
    }
}

function within(promise, what) {
    const late = new Promise((_, reject) => {
        setTimeout(() => reject(new Difference(`${what} within ${MILLISECONDS} ms`)), MILLISECONDS);
    });
    return Promise.race([promise, late]);
}

async function echoes(server) {
    const connection = await Connection.open(server);
    const sent = [];
    let count = 0;
    async function receive() {
        const wanted = sent.shift();
        const got = await within(connection.next(), `no echo of message ${count}`);
        if (!same(wanted, got)) throw new Difference(`message ${count}, of ${wanted.length}, came back different`);
        count += 1;
    }
    for (const message of messages()) {
        connection.socket.send(message);
        sent.push(message);
        if (sent.length === QUEUED) await receive();
    }
    while (sent.length > 0) await receive();
    connection.socket.close();
    expect("clean end", (await within(connection.closed, "no end")).wasClean, true);
    return count;
}

async function closedByUs(server, code, reason) {
    const connection = await Connection.open(server);
    connection.socket.close(code, reason);
    const end = await within(connection.closed, "no end");
    expect("code", end.code, code);
    // The answer to a close frame repeats its code alone.
    expect("reason", end.reason, "");
    expect("clean end", end.wasClean, true);
}

async function closedByServer(server, code, reason) {
    const connection = await Connection.open(server);
    connection.socket.send(`close ${code} ${reason}`);
    const end = await within(connection.closed, "no end");
    expect("code", end.code, code);
    expect("reason", end.reason, reason);
    expect("clean end", end.wasClean, true);
}

async function all(servers) {
    const outcomes = [];
    for (const server of servers) {
        let messages = 0;
        let ends = 0;
        let fault = null;
        try {
            messages = await echoes(server);
            for (const code of CODES) {
                await closedByUs(server, code, "");
                await closedByUs(server, code, "auf Wiedersehen, 再见");
                ends += 2;
            }
            for (const code of CODES_OF_SERVERS) {
                await closedByServer(server, code, "");
                await closedByServer(server, code, "до свидания");
                ends += 2;
            }
        } catch (error) {
            fault = String(error);
        }
        outcomes.push({ name: server.name, messages, ends, fault });
        document.getElementById("log").textContent += `${JSON.stringify(outcomes.at(-1))}\n`;
    }
    return outcomes;
}

async function main() {
    const servers = await (await fetch("/servers")).json();
    await fetch("/verdict", { method: "POST", body: JSON.stringify(await all(servers)) });
}

main();
