/**
 * Control and format characters, line separators and letters that show nothing. No unassigned ones: which those are depends
 * on the version of Node, and a file that is committed must not.
 */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * JSON text in which everything can be seen. JSON itself escapes C0 only: C1 steers terminals too, and bidi controls turn a
 * line's order in a review.
 */
export function escapeUnseen (json: string): string {
  return json.replace(UNSEEN, (character) =>
    character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''))
}
