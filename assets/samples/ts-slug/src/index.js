// @ts-check
import { letters } from './letters.js';

/**
 * @typedef {object} Options
 * @property {string} [separator] What stands between words; a dash unless told otherwise.
 * @property {number} [maxLength] How long a slug may be; as long as it is unless told otherwise.
 */

/**
 * Makes a title a part of an address: small letters, digits and a separator between words.
 *
 * @param {string} title
 * @param {Options} [options]
 * @returns {string}
 */
export function slug(title, options = {}) {
  const { separator = '-', maxLength = Infinity } = options;
  const words = letters(title)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join(separator).slice(0, maxLength);
}

/**
 * Makes a slug that is not taken yet: `a-title`, then `a-title-2`, `a-title-3` and so on.
 *
 * @param {string} title
 * @param {Iterable<string>} taken
 * @param {Options} [options]
 * @returns {string}
 */
export function uniqueSlug(title, taken, options = {}) {
  const { separator = '-' } = options;
  const known = new Set(taken);
  const first = slug(title, options);
  let candidate = first;
  for (let n = 2; known.has(candidate); n += 1) {
    candidate = `${first}${separator}${n}`;
  }
  return candidate;
}
