#!/usr/bin/env node
// Starts the program of this machine, which lies in a package of its own.
'use strict';

const { spawnSync } = require('node:child_process');

const platform = `@chartgate/${process.platform}-${process.arch}`;

// What was not judged is undecided, whatever the reason.
function undecided(why) {
  console.error(`error: ${why}`);
  process.exit(3);
}

let program;
try {
  program = require.resolve(`${platform}/bin/chartgate${process.platform === 'win32' ? '.exe' : ''}`);
} catch {
  undecided(`the package \`${platform}\` is not installed: install without \`--omit=optional\`, or build chartgate for this machine with \`cargo install chartgate\``);
}

const ended = spawnSync(program, process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
if (ended.error) {
  undecided(`cannot start \`${program}\`: ${ended.error.message}`);
}
if (ended.signal) {
  process.kill(process.pid, ended.signal);
}
process.exit(ended.status ?? 3);
