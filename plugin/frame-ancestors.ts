import { LIVE_ERR_OPTION } from '../lib/view/errors.ts'
import { show } from '../lib/view/show-value.ts'
import type { AnswerHeaders } from './seal-headers.ts'
import { liveWarning } from './live-warning.ts'

/** Who may show a live page in a frame: nobody, this origin, or these exact origins (`'self'` among them for this one). */
export type FrameAncestors = 'none' | 'self' | readonly string[]

/** The option, checked: what `frame-ancestors` lists. Null where nothing was chosen. */
export type Framing = readonly string[] | null

const NOBODY: readonly string[] = ["'none'"]
const SELF: readonly string[] = ["'self'"]

const warn = liveWarning('LIVE_WARN_FRAMES',
  "live route '%s' has frameAncestors %s, but the application's own Content-Security-Policy says '%s': browsers hold a page to both, so that " +
  "frames which only frameAncestors allows stay empty; leave frame-ancestors out of the application's policy, or the option")

/** Throws LIVE_ERR_OPTION; `where` names the option. */
export function readFrameAncestors (given: unknown, where: string): Framing {
  if (given === undefined) return null
  if (given === 'none') return NOBODY
  if (given === 'self') return SELF
  const isList = Array.isArray(given) && given.length > 0 && given.every((each) => each === 'self' || isOrigin(each))
  if (!isList) throw new LIVE_ERR_OPTION(where, show(given), "'none', 'self', or a list of exact origins: ['self', 'https://portal.example.com']")
  return Object.freeze(given.map((each) => each === 'self' ? "'self'" : each as string))
}

/**
 * Says who may frame the answer, in a policy of its own: several policies all hold, and the application's stays as it is.
 * Where nothing was chosen, what the application says itself about frames stands (helmet: its own origin); where it says
 * nothing, nobody may.
 */
export function setFrameAncestors (headers: AnswerHeaders, chosen: Framing, url: string): void {
  const policies = [headers['content-security-policy'] ?? []].flat().map(String)
  const theirs = policies.flatMap((each) => each.split(/[,;]/)).map((each) => each.trim()).filter((each) => /^frame-ancestors(\s|$)/i.test(each))
  if (theirs.length > 0) {
    if (chosen === null) return
    for (const each of theirs) if (!allows(each, chosen)) warn(url, chosen.join(' '), each)
  }
  const framing = chosen ?? framingOf(headers['x-frame-options'])
  const own = `frame-ancestors ${framing.join(' ')}`
  headers['content-security-policy'] = policies.length === 0 ? own : [...policies, own]
  // For browsers without frame-ancestors; it has no words for a list, and the others do not read it beside the policy.
  if (framing[0] === "'none'") headers['x-frame-options'] = 'DENY'
  else if (framing.join() === "'self'") headers['x-frame-options'] = 'SAMEORIGIN'
  else delete headers['x-frame-options']
}

/** Patterns and schemes may allow anything: of these nobody is warned. */
function allows (theirs: string, chosen: readonly string[]): boolean {
  const sources = theirs.toLowerCase().split(/\s+/)
  return chosen[0] === "'none'" || sources.some((each) => each.includes('*') || each.endsWith(':')) || chosen.every((each) => sources.includes(each))
}

function framingOf (frameOptions: unknown): readonly string[] {
  return String(frameOptions).toLowerCase() === 'sameorigin' ? SELF : NOBODY
}

/** A URL's host may hold `*` and `;`, which mean something else in a policy. */
function isOrigin (value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\/[a-z\d.-]+(:\d+)?$/.test(value) && URL.canParse(value) && new URL(value).origin === value
}
