/** The parts that count words, against plain models of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Indexer } from '../src/indexer.js';
import { indexMemory, SharedIndex } from '../src/shared-index.js';
import { tableMemory } from '../src/table-memory.js';
import { eachWord } from '../src/tokenizer.js';
import { WordTable } from '../src/word-table.js';

function wordsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const words: string[] = [];
  eachWord(bytes, bytes.length, (start, end) => words.push(bytes.toString('utf8', start, end)));
  return words;
}

test('a word is two to forty letters in a row, in lower case', () => {
  const long = 'x'.repeat(40);
  assert.deepEqual(wordsOf('Two words'), ['two', 'words']);
  assert.deepEqual(wordsOf('a an i_am x1y2 snake_case'), ['an', 'am', 'snake', 'case']);
  assert.deepEqual(wordsOf(`${long} ${long}x end`), [long, 'end']);
  assert.deepEqual(wordsOf('Größe naïve 東京タワー привет'), ['größe', 'naïve', '東京タワー', 'привет']);
  assert.deepEqual(wordsOf('“so”—it’s «done»…\u00a0🎉ok'), ['so', 'it', 'done', 'ok']);
  assert.deepEqual(wordsOf(''), []);
});

test('a table counts as a map does', () => {
  const word = fc.stringMatching(/^[a-e]{2,4}$/);
  const step = fc.record({ word, count: fc.integer({ min: 1, max: 9 }), files: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), fc.boolean(), (steps, again) => {
      const table = new WordTable(tableMemory(1024));
      if (again) {
        add(table, { word: 'before', count: 1, files: 1 });
        table.clear();
      }
      const model = new Map<string, [count: number, files: number]>();
      for (const one of steps) {
        const [count, files] = model.get(one.word) ?? [0, 0];
        model.set(one.word, [count + one.count, files + one.files]);
        add(table, one);
      }
      const entries = Array.from({ length: table.size }, (_, index) => index + 1);
      const counted = entries.map((entry) => [
        table.textOf(entry),
        [table.countOf(entry), table.filesOf(entry)],
      ]);
      assert.deepEqual(counted, [...model]);
    }),
  );
});

function add(table: WordTable, { word, count, files }: { word: string; count: number; files: number }): void {
  const bytes = Buffer.from(word);
  eachWord(bytes, bytes.length, (start, end, hash) => {
    table.add(table.entryOf(bytes, start, end, hash), count, files);
  });
}

test('a full table says so', () => {
  const table = new WordTable(tableMemory(2));
  const fill = (text: string) => {
    const bytes = Buffer.from(text);
    eachWord(bytes, bytes.length, (start, end, hash) => table.entryOf(bytes, start, end, hash));
  };
  fill('one two one two');
  assert.throws(() => fill('three'), { name: 'Problem', message: /more different words than there is room/ });
});

test('a file that cannot be read is counted and skipped', () => {
  const indexer = new Indexer(new SharedIndex(indexMemory()));
  indexer.add('no such file');
  indexer.finish();
  assert.deepEqual([indexer.totals.files, indexer.totals.unreadable], [0, 1]);
});
