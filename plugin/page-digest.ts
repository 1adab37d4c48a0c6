import { markersDigest } from '../lib/render/markers-digest.ts'
import { treeDigest } from '../lib/render/tree-digest.ts'
import type { Mount } from '../lib/view/mount.ts'

/** What a page's token says of its rendering: the tree's digest and the markers', to be compared at the join. */
export function pageDigest (mount: Mount): string {
  return `${treeDigest(mount.tree)}-${markersDigest(mount.tree).toString(36)}`
}
