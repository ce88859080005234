'use strict';
// Answers one JSON object a line on standard input with one on standard output.

const readline = require('node:readline');

/** What an SDK says no to; anything else that is thrown is a fault of the program. */
class Refused extends Error {}

/** Runs what asks the SDK for a verdict or a value: whatever it throws is its refusal. */
async function asked(ask) {
  try {
    return await ask();
  } catch (error) {
    throw new Refused(`${error.name}: ${error.message}`.slice(0, 300));
  }
}

async function answerTo(operations, version, line) {
  try {
    const { do: what, ...details } = JSON.parse(line);
    if (what === 'hello') {
      return { value: { version, can: Object.keys(operations) } };
    }
    return { value: (await operations[what](details)) ?? null };
  } catch (error) {
    return error instanceof Refused ? { refused: error.message } : { broken: String(error.stack) };
  }
}

async function serve(operations, version) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answerTo(operations, version, line))}\n`);
  }
  process.exit(0);
}

module.exports = { asked, serve };
