export interface Options {
  /** What stands between words; a dash unless told otherwise. */
  separator?: string;
  /** How long a slug may be; as long as it is unless told otherwise. */
  maxLength?: number;
}

/** Makes a title a part of an address: small letters, digits and a separator between words. */
export function slug(title: string, options?: Options): string;

/** Makes a slug that is not taken yet: `a-title`, then `a-title-2`, `a-title-3` and so on. */
export function uniqueSlug(title: string, taken: Iterable<string>, options?: Options): string;
