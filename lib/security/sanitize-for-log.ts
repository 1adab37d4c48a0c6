/* eslint-disable no-control-regex -- control characters are what is looked for */

/*
 * Free of Node: the browser's utilities are built from this file, so that both sides give the same results.
 */

export interface SanitizeOptions {
  /** Characters, at least 1; 200 without it. */
  readonly maxLength?: number
}

const usual = 200

// Terminal sequences go as a whole, so that no `[31m` litters the log. The classes exclude what begins a sequence, which
// keeps the search linear on a text made of beginnings.
const control = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g
const string = /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)/g
const short = /\u001b[ -/]*[0-~]/g
// Line breaks forge log entries: C0, C1 with NEL, and the two Unicode separators.
const breaks = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
// Bidi controls show a text in another order than it has; zero-width characters and fillers make two names look alike.
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const loneSurrogates = /\p{Cs}/gu

/**
 * Text that a person sent, fit for one line of a log or terminal: `sanitizeForLog(request.headers['user-agent'])`. Without
 * control characters, terminal sequences, line breaks and what cannot be seen; cut to `maxLength`. Never throws, whatever
 * the value is.
 */
export function sanitizeForLog (value: unknown, { maxLength = usual }: SanitizeOptions = {}): string {
  const longest = maxLength >= 1 ? Math.floor(maxLength) : usual
  // Bounded first: the cost must not grow with what the client sends.
  const text = textOf(value).slice(0, longest * 8)
    // Halves first: with what is invisible between them gone, two would be one character again, and that one invisible.
    .replace(loneSurrogates, '\ufffd')
    .replace(string, '').replace(control, '').replace(short, '')
    .replace(breaks, ' ').replace(invisible, '')
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text
  return cut.replace(loneSurrogates, '\ufffd')
}

function textOf (value: unknown): string {
  try {
    return String(value)
  } catch {
    // An object without prototype, or one whose toString the client chose.
    return '[unprintable]'
  }
}
