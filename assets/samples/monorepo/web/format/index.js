/**
 * Shows seconds as hours and minutes, such as `1:30`; seconds that make no whole minute are left out.
 *
 * @param {number} seconds
 * @returns {string}
 */
export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
