import { escape } from '../nunjucks.ts'

/*
 * One function for each place in the HTML where a value can stand. All that the project promises about output safety at
 * run time is decided here.
 */

const SPECIAL = /[&"'<>\\]/

/** Raw text between tags, in a quoted attribute, or in a title or textarea. Most values need nothing, and a test is cheap. */
export function textSource (text: string): string {
  return SPECIAL.test(text) ? escape(text) : text
}

// A comment, bogus comment or stray end tag of the author's that the browser would read as one of our markers.
const LOOKS_LIKE_MARKER = /<(!--|!|\/)(?=\d|[[{(]\d|[,\]/])/g

/** Trusted HTML between tags: left alone, except that no comment in it may pass for a marker. */
export function htmlSource (html: string): string {
  return html.replace(LOOKS_LIKE_MARKER, '<$1 ')
}

const QUOTE_OR_BRACKET = /["'<>]/g
const REFERENCES: Readonly<Record<string, string>> = { '"': '&quot;', "'": '&#39;', '<': '&lt;', '>': '&gt;' }

/**
 * HTML source where it must not end its place: in a quoted attribute, a title or a textarea. `| safe` says that a value is
 * good between tags; its quotes would still end an attribute, and `</textarea>` a textarea.
 */
export function enclosedSource (html: string): string {
  return html.replace(QUOTE_OR_BRACKET, (character) => REFERENCES[character] as string)
}

// The URL parser drops tabs and newlines anywhere and control characters in front, so `java\tscript:` runs: look through them.
// eslint-disable-next-line no-control-regex
const IGNORED = /[\u0000-\u001f\u007f-\u009f]+/g
// What the parser itself drops, and nothing else: what is allowed has to be what it reads.
const DROPPED = /^[\0- ]+|[\t\n\r]+/g
const SCHEME = /^[a-z][a-z0-9+.-]*:/i
const FOLLOWED = /^(?:https?|mailto|tel):/i
const PICTURE = /^(?:https?:|data:image\/(?:png|gif|jpeg|webp|avif)[;,])/i

/** The text of an address; a scheme that could run code, open another program or smuggle a document becomes `#unsafe`. */
export function urlText (text: string): string {
  return withScheme(text, FOLLOWED)
}

/** The text of an address that is only shown as a picture: image data run nothing there. */
export function imageText (text: string): string {
  return withScheme(text, PICTURE)
}

function withScheme (text: string, allowed: RegExp): string {
  if (!text.includes(':')) return text
  if (!SCHEME.test(text.replace(IGNORED, '').trimStart())) return text
  return allowed.test(text.replace(DROPPED, '')) ? text : '#unsafe'
}

const JSON_SPECIAL = /[<>&\u2028\u2029]/g

/** JSON in a script element: `</script>` and `<!--` cannot form, and JSON.parse reads the same value. */
export function jsonText (text: string): string {
  return text.replace(JSON_SPECIAL, (character) => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'))
}
