import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawn } from 'heddle';
import { lengthOf, repeat } from './fixtures/large-targets.js';

// The heap grows while one thread writes such a value; it may begin where the other's views still reach.
test('values of many megabytes cross in both directions', () => {
  for (let megabytes = 1; megabytes <= 24; megabytes *= 2) {
    const length = megabytes * 1_000_000;
    assert.equal(spawn(repeat, 'x', length).join().length, length);
    assert.equal(spawn(lengthOf, 'x'.repeat(length)).join(), length);
  }
});
