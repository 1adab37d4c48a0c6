/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** What a check of exposure must not let pass. By file. */
export const COMMAND_GUARDS: Readonly<Record<string, Guarded>> = {
  'plugin/cli/compare-exposure.ts': {
    tests: 'cli-exposure',
    guards: [
      ['new views', "if (before === null) find('+', `is new", "if (false) find('+', `is new"],
      ['weaker access', 'if (isWeaker(access, now.access)) find', 'if (false) find'],
      ['public is weaker', "if (before === now || before === 'public') return false", "if (before === now || now === 'public') return false"],
      ['other permissions', "!(before === 'user' && now.startsWith('permission '))", "!(now.startsWith('permission '))"],
      ['access by functions', "!(before === 'user' && now.startsWith('permission '))", "!(before === 'user' && now !== 'public')"],
      ['names that are computed', 'now.shows.includes(EVERYTHING) && !shows.includes(EVERYTHING)', 'false'],
      ['what is shown', "field.use !== 'DISPLAY' || isCovered(fact, shows)", 'true'],
      ['what was only read', 'isCovered(fact, shows)) continue', 'isCovered(fact, [...shows, ...reads])) continue'],
      ['lost or other guards', "find('!', is === null", "void ('!', is === null"],
      ['other guards', 'was === null || was === is ||', 'was === null || is !== null ||'],
      ['lost guards', 'was === null || was === is ||', 'was === null || was === is || is === null ||'],
      ['new events', "if (known === null) find('+', `receives", "if (known === null) void ('+', `receives"],
      ['changed events', "find('!', `${name} ${change}`, controls)", 'void change'],
      ['lost authorize', 'if (before.authorize && !now.authorize)', 'if (false)'],
      ['rate limits', 'if (before.rateLimit !== null && now.rateLimit !== before.rateLimit)', 'if (false)'],
      ['lost rate limits', 'now.rateLimit !== before.rateLimit', 'now.rateLimit !== null && now.rateLimit !== before.rateLimit'],
      ['other rate limits', 'now.rateLimit !== before.rateLimit', 'now.rateLimit === null'],
      ['new properties', 'if (was === null) found.push(', 'if (was === null) void ('],
      ['other types of properties', 'else if (was !== type)', 'else if (false)'],
      ['names of all objects', 'Object.hasOwn(record, name) ? record[name] as T : null', '(record[name] as T | undefined) ?? null'],
    ]
  },
  'plugin/cli/exposure.ts': {
    tests: 'cli-exposure',
    guards: [
      ['everything', '...view.everything ? [EVERYTHING] : []', '...[]'],
      ['values besides loaders', '[...view.loaders, ...view.values]', 'view.loaders'],
      ['rows are not what is in them', 'fact.startsWith(`${known} (`)', 'fact.startsWith(`${known} (`) || known.startsWith(`${fact} (`)'],
      ['names that begin alike', 'fact.startsWith(`${known}.`)', 'fact.startsWith(known)'],
      ['lock files of this version', "value['version'] === 1 && ", ''],
      ['lists of facts', "isTexts(view['shows']) && isTexts(view['reads']) &&", ''],
      ['guards and events', "isRecord(view['guards']) && isRecord(view['events']) &&", ''],
      ['payloads of events', "isRecord(event) && isRecord(event['payload'])", 'true'],
      ['access', "typeof view['access'] === 'string' && ", ''],
    ]
  },
  'plugin/cli/exposure-command.ts': {
    tests: 'cli-exposure',
    guards: [
      ['findings fail the check', 'return comparison.findings.length > 0 ? 1 : 0', 'return 0'],
      ['without a file the check fails', '${command}\\n`)\n    return 1', '${command}\\n`)\n    return 0'],
      ['files that are none', 'if (!isExposure(written)) throw', 'if (false) throw'],
    ]
  }
}
