// Loaded before the program: writes every statement that is prepared to the file STATEMENTS_LOG, one JSON text a line.
const { appendFileSync } = require('node:fs');
const Module = require('node:module');

const load = Module._load;
const patched = new WeakSet();

Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (!request.endsWith('better_sqlite3.node') || patched.has(loaded)) return loaded;
  patched.add(loaded);
  const { prototype } = loaded.Database;
  const { prepare } = prototype;
  prototype.prepare = function (statement, ...more) {
    appendFileSync(process.env.STATEMENTS_LOG, `${JSON.stringify(statement)}\n`);
    return prepare.call(this, statement, ...more);
  };
  return loaded;
};
