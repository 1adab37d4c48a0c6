import type { Mount } from './mount.ts'

/**
 * What a mount holds besides its state and data, and what tree and data hold for each character of the page. Measured on the
 * heap after a collection: 2 KB for a counter; with loaders 1.1 (articles, lists with links and buttons) to 1.7 (20 rows of five
 * columns), 0.4 where the page is mostly template, 3.8 for nothing but numbers in tags.
 */
const MOUNT = 2048
const EACH_CHARACTER = 2

/** Bytes that a mount holds while its socket has not come, estimated from what is known already: nothing is walked for it. */
export function retainedSize (mount: Mount, html: string): number {
  return MOUNT + mount.stateSize + EACH_CHARACTER * html.length
}
