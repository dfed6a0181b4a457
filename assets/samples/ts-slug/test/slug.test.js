import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { slug, uniqueSlug } from '../src/index.js';

describe('slug', () => {
  it('joins words with dashes', () => {
    assert.equal(slug('  Hello,   World! '), 'hello-world');
  });

  it('writes accents without them', () => {
    assert.equal(slug('Crème brûlée à la façon de Łódź'), 'creme-brulee-a-la-facon-de-lodz');
    assert.equal(slug('Straße'), 'strasse');
  });

  it('takes another separator', () => {
    assert.equal(slug('Hello World', { separator: '_' }), 'hello_world');
  });

  it('is empty when nothing is left', () => {
    assert.equal(slug('!?'), '');
  });

  it('stays within its length', () => {
    assert.equal(slug('internationalisation', { maxLength: 5 }), 'inter');
  });

  it('is cut between words', () => {
    assert.equal(slug('the quick brown fox', { maxLength: 12 }), 'the-quick');
    assert.equal(slug('the quick brown fox', { maxLength: 10 }), 'the-quick');
    assert.equal(slug('the quick brown fox', { maxLength: 15 }), 'the-quick-brown');
  });
});

describe('uniqueSlug', () => {
  it('counts on from what is taken', () => {
    assert.equal(uniqueSlug('A title', []), 'a-title');
    assert.equal(uniqueSlug('A title', ['a-title']), 'a-title-2');
    assert.equal(uniqueSlug('A title', ['a-title', 'a-title-2']), 'a-title-3');
  });
});
