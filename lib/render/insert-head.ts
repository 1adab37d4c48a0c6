// A comment can end in one place only, and no character begins two alternatives (\s has the byte order mark as well):
// matching stays linear however many markers or marks follow one another.
const COMMENTS = String.raw`(?:\s|<!--(?:(?!-->)[\s\S])*-->)*`
const ATTRIBUTES = String.raw`(?:\s(?:[^"'>]|"[^"]*"|'[^']*')*)?`
// eslint-disable-next-line live-security/no-computed-regexp -- of the constants above
const PROLOGUE = new RegExp(
  // eslint-disable-next-line live-security/no-html-template -- a pattern
  `^(?:${COMMENTS}<!doctype[^>]*>)?(?:${COMMENTS}<html${ATTRIBUTES}>)?(?:${COMMENTS}<head${ATTRIBUTES}>)?`, 'i')
// eslint-disable-next-line live-security/no-computed-regexp -- of the constants above
const IN_DOCUMENT = new RegExp(`^${COMMENTS}<(?:body|title|meta|link|style|script|base|template|noscript)\\b`, 'i')

/**
 * Puts `head` where a document that never writes `</head>` still has its head: after whatever it writes of doctype, `<html>`
 * and `<head>`. A bare fragment gets `<body>` as well, or the markers before its first text would be left in the head.
 */
export function insertHead (html: string, head: string): string {
  const prologue = (PROLOGUE.exec(html) as RegExpExecArray)[0]
  const rest = html.slice(prologue.length)
  const isFragment = prologue === '' && !IN_DOCUMENT.test(rest)
  return prologue + head + (isFragment ? '<body>' : '') + rest
}
