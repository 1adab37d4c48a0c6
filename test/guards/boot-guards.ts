/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

/** What ends the boot, and what templates and their functions may reach. By file; tests in the order in which they may notice. */
export const BOOT_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/compiled-view.ts': {
    tests: 'boot-checks needs-finder plugin-options',
    guards: [
      ['undeclared events', "!event.declared && eventSecurity === 'strict'", 'false'],
      ['fields', 'checkFields(fields, schemas)', ''],
      ['reading all', 'checkWholeReads(fields, schemas)', ''],
      ['fallbacks', 'checkFallbacks(view.name, loaders, program)', 'new Map()'],
      ['events of templates', 'for (const shown of programs) checkBindings(view, shown)', ''],
      ['events of fallbacks', 'for (const shown of programs) checkBindings', 'for (const shown of [program]) checkBindings'],
      ['builds of fallbacks', 'programs.flatMap((shown)', '[program].flatMap((shown)'],
      ['placeholders of all that is read', 'fields.everything || fields.node(name) !== undefined', 'false'],
    ]
  },
  'lib/view/define-view.ts': {
    tests: 'plugin-options view-types',
    guards: [
      ['definitions', "definition === null || typeof definition !== 'object'", 'false'],
      ['names', "typeof name !== 'string' || !NAME.test(name)", 'false'],
      ['unknown options', "checkOptions(given, KEYS, 'it', fail)", ''],
      ['template', "typeof template !== 'string' || template === ''", 'false'],
      ['includes', "!Array.isArray(includes) || includes.some((include) => typeof include !== 'string' || include === '')", 'false'],
      ['access', "typeof access !== 'function' && (typeof access !== 'string' || access === '')", 'false'],
      ['functions', "given[key] !== undefined && typeof given[key] !== 'function'", 'false'],
      ['names of events', '!isSafeEventName(name)', 'false'],
      ['events are objects', "typeof value !== 'object' || value === null) fail(`event", 'false) fail(`event'],
      ['unknown options of events', 'checkOptions(event, EVENT_KEYS,', 'void (event, EVENT_KEYS,'],
      ['run', "typeof event.run !== 'function'", 'false'],
      ['authorize', "event.authorize !== undefined && typeof event.authorize !== 'function'", 'false'],
      ['payload', "event.payload !== undefined && (event.payload === null || !['object', 'function'].includes(typeof event.payload))", 'false'],
      ['lists of reloads', 'if (!Array.isArray(reloads)) throw', 'if (false) throw'],
      ['reloads of loaders', '!Object.hasOwn(loaders, loader)', 'false'],
      ['own loaders', 'Object.hasOwn(loaders, loader)', 'loader in Object(loaders)'],
      ['loaders are own names', 'Object.create(null)', '{}'],
      ['records', "typeof given !== 'object' || given === null || Array.isArray(given)) fail(`${option}", 'false) fail(`${option}'],
    ]
  },
  'lib/view/normalize-loader.ts': {
    tests: 'view-types plugin-options',
    guards: [
      ['names of templates', '!/^[A-Za-z]\\w*$/.test(name)', 'false'],
      ['reserved names', 'reserved !== null', 'false'],
      ['loaders', "typeof given !== 'object' || given === null) fail(`${what} is", 'false) fail(`${what} is'],
      ['unknown options', 'checkOptions(options, KEYS, what, fail)', ''],
      ['load', "typeof load !== 'function'", 'false'],
      ['eager and deferred', "value !== undefined && typeof value !== 'boolean'", 'false'],
      ['not both', 'eager === true && deferred === true', 'false'],
      ['fallback', "fallback !== undefined && (typeof fallback !== 'string' || fallback === '')", 'false'],
      ['guard', "typeof given !== 'object' || given === null) fail(`${what} has guard", 'false) fail(`${what} has guard'],
      ['unknown options of guards', 'checkOptions(given as object, GUARD_KEYS,', 'void (given as object, GUARD_KEYS,'],
      ["the guard's columns", "!Array.isArray(columns) || columns.length === 0 || columns.some((column) => typeof column !== 'string' || column === '')", 'false'],
      ['guards of no columns', 'columns.length === 0 || ', ''],
      ["the guard's check", "typeof check !== 'function'", 'false'],
      ['columns of the schema', 'checkColumn(column, row ?? null, what, fail)', 'void column'],
    ]
  },
  'lib/view/state-keys.ts': {
    tests: 'boot-checks',
    guards: [
      ['promises', 'if (isThenable(state)) {', 'if (false) {'],
      ['promises that reject are heard', 'state.then(undefined, () => {})', ''],
      ['states that throw', 'catch {\n    return null', 'catch (error) {\n    throw error'],
      ['states that are no objects', "typeof state === 'object' && state !== null ? Object.keys(state) : null", 'Object.keys(state as object)'],
    ]
  },
  'lib/template/context-facade.ts': {
    tests: 'template-declarations',
    guards: [
      ["the page's context", 'throw new LIVE_ERR_TEMPLATE_CONTEXT(`The ${this.kind}', 'return undefined as never\n    throw new LIVE_ERR_TEMPLATE_CONTEXT(`The ${this.kind}'],
      ['tags that declare nothing', 'if (reads === undefined) return facade', 'if (reads === undefined) return context as any'],
      ['names that are not declared', 'throw new LIVE_ERR_TEMPLATE_CONTEXT(`The tag', 'return context.lookup(wanted)\n    throw new LIVE_ERR_TEMPLATE_CONTEXT(`The tag'],
      ['variables that are not declared', 'getVariables = (): object => ctx', 'getVariables = (): object => context.getVariables()'],
      ...['ctx', 'blocks', 'exported', 'lookup', 'getVariables', 'getExported', 'setVariable', 'addBlock', 'addExport', 'getBlock']
        .map((member) => [`member ${member}`, `'${member}',`, ''] as const),
      ['member getSuper', ", 'getSuper'", ''],
    ]
  },
  'lib/template/candidates.ts': {
    tests: 'boot-checks',
    guards: [
      ['names outside the list', 'resolved !== null && names.has(resolved)', 'resolved !== null'],
      ['names without a list', 'names === null && wanted instanceof Template', 'names === null'],
      ['objects in the place of names', '  const resolved = ', "  if (typeof name !== 'string') return wanted\n  const resolved = "],
      ['names that are objects', "wanted instanceof String || typeof wanted?.val === 'string' ? textOf(wanted) : wanted", 'wanted'],
    ]
  },
  'lib/template/declarations.ts': {
    tests: 'template-declarations',
    guards: [
      ['lists', 'if (!Array.isArray(given)) throw', 'if (false) throw'],
      ['texts', "typeof item !== 'string' || ", ''],
      ['paths', ' || !path.test(item)', ''],
      ['ways to code', 'if (segments.some(leadsToCode)) throw', 'if (false) throw'],
      ['tags do not read all', " && !what.startsWith('tag ')", ''],
      ['tags read names', "what.startsWith('tag ') && segments[0] === '*'", 'false'],
    ]
  },
  'lib/template/fields/check-fields.ts': {
    tests: 'boot-checks',
    guards: [
      ['unknown fields', 'if (!fits) throw', 'if (false) throw'],
      ['fields of elements', 'visit(child, elementsOf(schemas), ', 'visit(child, [], '],
      ['fields below', 'visit(child, below, ', 'visit(child, [], '],
      ['loaders that templates set as well', '!loaders.has(name) && fields.assigned.has(name)', 'fields.assigned.has(name)'],
    ]
  },
  'lib/template/fields/check-whole-reads.ts': {
    tests: 'boot-checks',
    guards: [
      ['reading all', 'if (deepAt !== null && node.marks.has(deepAt.mark)) throw', 'if (false) throw'],
      ['programs that cannot be followed', 'if (fields.everything) throw', 'if (false) throw'],
      ['elements', 'if (isElement(name)) visit', 'if (false) visit'],
    ]
  },
  'lib/template/fields/check-roots.ts': {
    tests: 'boot-checks',
    guards: [
      ['names that mean two things', 'if (other !== undefined) throw', 'if (false) throw'],
      ['names that mean nothing', 'throw positioned(LIVE_ERR_UNKNOWN_ROOT', 'void (LIVE_ERR_UNKNOWN_ROOT'],
    ]
  },
  'lib/template/fields/name-check.ts': {
    tests: 'boot-checks',
    guards: [
      ['at boot', 'if (complete) checkRoots(', 'if (complete) void ('],
      ['collisions at boot', 'else checkCollisions(', 'else void ('],
      ['at the first mount', 'checkRoots(fields, { state: keys, loaders, globals: [...globals, ...names] })', ''],
    ]
  }
}
