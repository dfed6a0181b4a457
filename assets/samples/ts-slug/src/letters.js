// @ts-check

/**
 * Letters that do not come apart into a plain letter and an accent.
 *
 * @type {Record<string, string>}
 */
const SPECIAL = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
};

/**
 * Writes accented letters without their accents.
 *
 * @param {string} text
 * @returns {string}
 */
export function letters(text) {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '');
  return [...plain].map((letter) => SPECIAL[letter] ?? letter).join('');
}
