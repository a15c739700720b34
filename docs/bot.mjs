// A bot in Node that gets each event once and in order, and goes on where it was, after a month as well.
// Only what the stream lacked, and somebody sends again, comes late.
//
//   npm install amqplib
//   RABBITMQ_URL=amqp://… node bot.mjs place.json
//
// The first start begins with what comes next, or at the beginning with `node bot.mjs place.json first`.

import amqp from "amqplib";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const STREAM = "frankenjet.events.log";
const [, , file = "place.json", begin = "next"] = process.argv;

// What this bot does with an event. It may come again after a crash: its id is the same then.
async function handle(event) {
  console.log(`${event.position} ${event.type} ${event.subject}`);
}

// ---- The rest keeps its place: { position, source, epoch, offset, id } of the event that was handled last,
// and what has not come before it: missing, as [[first, last], …].

function kept() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function keep(place) {
  writeFileSync(`${file}.new`, JSON.stringify(place), { flush: true });
  renameSync(`${file}.new`, file); // it is there whole, or as it was
}

let place = kept();
let searched = false; // whether the stream was read from its beginning for what is missing

// Positions are dense: 1, 2, 3 … A copy and a hole are both plain to see.
function judge(event) {
  if (place === null || place.position === null) return "new";
  if (event.id === place.id) return "seen";
  if (event.source !== place.source) return "new"; // another log
  if (place.missing?.some(([first, last]) => first <= event.position && event.position <= last)) return "late";
  if (event.position <= place.position) return "seen";
  return event.position === place.position + 1 ? "new" : "hole";
}

function take(event, offset, verdict) {
  const { position, source, epoch, id } = event;
  let missing = source === place?.source ? (place.missing ?? []) : [];
  if (verdict === "hole") missing = [...missing, [place.position + 1, position - 1]];
  if (verdict === "late") {
    const parts = missing.flatMap(([first, last]) =>
      first <= position && position <= last ? [[first, position - 1], [position + 1, last]] : [[first, last]]);
    place = { ...place, offset, id, missing: parts.filter(([first, last]) => first <= last) };
  } else {
    place = { position, source, epoch, id, offset, missing };
  }
  keep(place);
}

// Where the stream ends: the offset of one of its last messages; null when it shows none within five seconds.
async function end(connection) {
  const channel = await connection.createChannel();
  await channel.prefetch(1);
  const first = new Promise((resolve, reject) => {
    channel.on("error", reject);
    const found = (message) => resolve(message && message.properties.headers["x-stream-offset"]);
    channel.consume(STREAM, found, { arguments: { "x-stream-offset": "last" } }).catch(reject);
  });
  try {
    return await Promise.race([first, sleep(5_000, null)]);
  } finally {
    await channel.close().catch(() => {});
  }
}

// A stream that was made again may end before the place. From an offset beyond its end on, RabbitMQ leaves out
// what comes until that offset is reached.
async function within(connection, offset) {
  if (offset["!"] !== "long") return offset;
  const last = await end(connection);
  return last === null ? "first" : { "!": "long", value: Math.min(offset.value, last) };
}

// Follow the stream until the connection ends, or until it has to be taken up elsewhere.
async function follow(wanted) {
  const connection = await amqp.connect(process.env.RABBITMQ_URL, { timeout: 5_000 });
  const ended = new Promise((resolve) => connection.on("close", resolve));
  connection.on("error", () => {});
  try {
    const offset = await within(connection, wanted);
    const channel = await connection.createChannel();
    channel.on("error", () => connection.close().catch(() => {}));
    await channel.prefetch(200);
    let turn = Promise.resolve(); // one event after the other
    let over = false;
    const again = new Promise((resolve) => {
      const meet = async (message) => {
        if (over || message === null) return;
        const event = JSON.parse(message.content.toString());
        if (event.type !== "log.sealed") {
          const verdict = judge(event);
          if (verdict === "hole" && !searched) {
            searched = over = true;
            return resolve("first");
          }
          if (verdict === "hole") console.error(`what is between ${place.position} and ${event.position} is gone`);
          if (verdict !== "seen") {
            await handle(event);
            take(event, message.properties.headers["x-stream-offset"], verdict);
            searched = false;
          }
        }
        channel.ack(message);
      };
      const failed = (error) => {
        console.error(error);
        process.exit(1); // the event is not lost: it was not kept
      };
      const inTurn = (message) => (turn = turn.then(() => meet(message)).catch(failed));
      channel.consume(STREAM, inTurn, { arguments: { "x-stream-offset": offset } }).catch(() => {});
    });
    return await Promise.race([again, ended.then(() => null)]);
  } finally {
    await connection.close().catch(() => {});
  }
}

function where() {
  if (place === null) {
    if (begin !== "next") return begin;
    // Nothing was handled yet: what comes from now on is not to be missed by the next start.
    place = { position: null, since: Date.now() };
    keep(place);
    return begin;
  }
  if (place.position === null) return { "!": "timestamp", value: Math.floor(place.since / 1000) };
  // The first one is that which was handled last, unless the stream was made again: then judge() sees it.
  return { "!": "long", value: place.offset };
}

let said = "";
for (;;) {
  let next = searched ? "first" : where();
  try {
    while (next !== null) next = await follow(next);
    said = "";
  } catch (error) {
    if (said !== error.message) console.error((said = error.message)); // a broker that is away is waited for
  }
  await sleep(1_000);
}
