import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clock } from './index.js';

test('minutes have two digits', () => {
  assert.equal(clock(3900), '1:05');
  assert.equal(clock(0), '0:00');
});

test('hours go on past a day', () => {
  assert.equal(clock(100 * 3600 + 59), '100:00');
});
