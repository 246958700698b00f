// Becomes the end of main.cjs: runs the pieces of the program, those of rest.cjs when the first of them is needed.
/* global pieces, loadRest, importModule */
const loaded = new Map();
let rest;

function load(name) {
  if (!name.startsWith('./')) return require(name);
  let piece = loaded.get(name);
  if (piece === undefined) {
    piece = { exports: {} };
    loaded.set(name, piece);
    let run = pieces[name];
    if (run === undefined) {
      rest ??= loadRest();
      run = rest[name];
    }
    run(piece.exports, load, piece, __filename, importModule);
  }
  return piece.exports;
}
load.resolve = require.resolve;

module.exports = load('./main.js');
