// Loaded before the program: writes every statement that is prepared to the file STATEMENTS_LOG, one JSON text a line.
const { appendFileSync } = require('node:fs');

const load = process.dlopen;
const patched = new WeakSet();

process.dlopen = (module, filename, ...rest) => {
  load.call(process, module, filename, ...rest);
  const { Database } = module.exports;
  if (!/better.sqlite3/.test(filename) || patched.has(Database)) return;
  patched.add(Database);
  const { prototype } = Database;
  const { prepare } = prototype;
  prototype.prepare = function (statement, ...more) {
    appendFileSync(process.env.STATEMENTS_LOG, `${JSON.stringify(statement)}\n`);
    return prepare.call(this, statement, ...more);
  };
};
