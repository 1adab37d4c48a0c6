import type { Guarded } from './guarded.ts'

/** What may come in at all, what becomes of what may not, and what is said of it. */
export const REFUSAL_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/refuser.ts': {
    tests: 'attack-refusals view-connection plugin-chain',
    guards: [
      ['fatal refusals close', 'connection.close(refused.close, code)', ''],
      ['warnings add up', "weight === 'warning' && this.#warnings.warn()", 'false'],
      ['honest refusals have a budget', '|| this.#budget.take()', '|| true'],
      ['typing is not warned', "beyond === 'limit'", 'false'],
      ['failures of the application cost nobody a budget', '!BUDGETED.has(reason)', 'false'],
    ]
  },
  'lib/view/report-refusal.ts': {
    tests: 'attack-refusals view-connection plugin-access',
    guards: [
      ['clean logs of details', 'sanitizeForLog(refused.detail)', 'refused.detail'],
      ['clean logs of events', 'sanitizeForLog(refused.event)', 'refused.event'],
      ['no addresses in logs', 'hashForLog(violation.address)', 'violation.address'],
      ['refusals are counted', 'counters.refused(code)', 'void 0'],
      ['a hook that throws', 'catch (err) {\n    failed(err)', 'catch (err) {\n    throw err'],
      ['a hook that rejects', 'if (isThenable(outcome)) outcome', 'if (false) outcome'],
      // eslint-disable-next-line no-template-curly-in-string
      ['a flood of lines', 'refusals.admit(`${code} ${level}`)', '0 as number | null'],
      ['a flood of failures of the hook', "refusals.admit('onViolation')", '0 as number | null'],
      ['what is denied is logged', "reason === 'denied' ?", 'false ?'],
    ]
  },
  'lib/security/refusal-log.ts': {
    tests: 'attack-refusals',
    guards: [
      ['lines at once', 'if (written.lines === burst)', 'if (false)'],
      ['lines left out are counted', 'written.suppressed++', ''],
      ['lines are given back', 'written.lines - seconds', 'written.lines'],
      ['the second begins with the line', 'written.lines === 0 ? at : ', ''],
    ]
  },
  'lib/security/json-guard.ts': {
    tests: 'security-frames attack-payloads',
    guards: [
      ['depth', "if (open.length === deepest) return refuse('depth')", ''],
      ['tokens', "if (++tokens > limits.tokens) return refuse('tokens')", ''],
      ['items', "if (container.kind === openArray && ++container.members >= limits.items) return refuse('items')", ''],
      ['keys', "if (++container.members > limits.keys) return refuse('keys')", ''],
      ['lengths of keys', "if (string.length > limits.key) return refuse('key')", ''],
      ['lengths of texts', "if (string.length > limits.string) return refuse('string')", ''],
    ]
  },
  'lib/security/parse-frame.ts': {
    tests: 'security-frames attack-payloads',
    guards: [
      ['bounded before it is parsed', 'if (!scan.ok) return scan', ''],
      ['keys that come twice', 'if (copy.keys !== scan.keys)', 'if (false)'],
      ['byte order marks', "if (text.startsWith('\\ufeff'))", 'if (false)'],
      ['what is no JSON', "return { ok: false, reason: poisoned ? 'poison' : 'malformed' }", 'throw error'],
    ]
  },
  'lib/security/copy-plain.ts': {
    tests: 'security-frames attack-payloads',
    guards: [
      ['keys that lead to prototypes', "if (poison.has(name)) return new Refused('poison')", ''],
      ['numbers that are none', 'Number.isFinite(value) ?', 'true ?'],
      ['objects without prototype', 'Object.create(null)', '{}'],
      ['depth', "if (depth === deepest) return new Refused('depth')", ''],
      ['what JSON does not have', "if (typeof value !== 'object') return new Refused('type')", "if (typeof value !== 'object') return value as any"],
      ['instances', "if (prototype !== Object.prototype && prototype !== null) return new Refused('type')", ''],
    ]
  },
  'lib/security/envelope.ts': {
    tests: 'security-frames attack-payloads',
    guards: [
      ['only texts from a page', 'else return false', ''],
      ['texts in lists', ".every((item) => typeof item === 'string')", '.every(() => true)'],
      ['NUL and half characters', "text.replace(unfit, '\\ufffd')", 'text'],
      ['kinds', 'if (!isKind(kind))', 'if (false)'],
      ['refs', 'if (!isInteger(ref, 1, largest))', 'if (false)'],
      ['joins of another length', "if (frame.length !== 4) return refuse('length')", ''],
      ['tokens', "typeof token !== 'string' || token.length > longestToken", 'false'],
      ['long tokens', ' || token.length > longestToken', ''],
      ['digests', 'if (!isInteger(digest, 0, 2 ** 32 - 1))', 'if (false)'],
      ['touched or not', "if (pristine !== 0 && pristine !== 1) return refuse('pristine')", ''],
      ['events of another length', 'frame.length < 4 || frame.length > 8', 'false'],
      ['names that are no texts', "typeof event !== 'string' || event.length > longestName", 'String(event).length > longestName'],
      ['long names', ' || event.length > longestName', ''],
      ['paths', 'isInteger(part, 0, Number.MAX_SAFE_INTEGER)', 'true'],
      ['elements', 'if (!isInteger(element, 0, 65535))', 'if (false)'],
      ['values seen', "isListOf(seen, (value) => typeof value === 'string')", 'isListOf(seen, () => true)'],
      ['long lists', ' && value.length <= 64', ''],
      ['acks of another length', "if (frame.length !== 2) return refuse('length')", ''],
      ['acks', 'isInteger(count, 1, largest) ?', 'true ?'],
      ['data that are no object', "typeof data !== 'object' || data === null || Array.isArray(data)", 'false'],
    ]
  },
  'lib/security/is-safe-event-name.ts': {
    tests: 'security-frames attack-events',
    guards: [
      ['the whole name', '{0,63}$/', '{0,63}/'],
      ['from its beginning', '/^[a-z]', '/[a-z]'],
      ['texts only', "typeof name === 'string' && eventName.test(name)", 'eventName.test(name as string)'],
    ]
  },
  'plugin/warnings.ts': {
    tests: 'attack-refusals plugin-options',
    guards: [
      ['undeclared events are counted', 'counters.undeclared(view, event)', ''],
      ['and warned of once', 'if (warned.has(name)) return', ''],
    ]
  },
}
