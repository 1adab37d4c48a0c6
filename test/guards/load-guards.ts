import type { Guarded } from './guarded.ts'

/** What is loaded, when, and what becomes of it. By file; tests in the order in which they are likely to notice. */
export const LOAD_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/view/check-guard.ts': {
    tests: 'load-round',
    guards: [
      ['every row', 'for (const row of rows) {', 'for (const row of rows.slice(0, 1)) {'],
      ['rows are objects', "if (typeof row !== 'object') refuse(", 'if (false) refuse('],
      ['own columns', '!Object.hasOwn(row, column)', '!(column in row)'],
      ['missing columns', 'if (missing !== undefined) refuse(', 'if (false) refuse('],
      ['only true', 'if (answer === true) continue', 'if (answer) continue'],
      ['refusing promises are heard', 'answer.then(undefined, () => {})', ''],
    ]
  },
  'lib/view/load-round.ts': {
    tests: 'load-round exact-loading',
    guards: [
      ['guard', 'checkGuard(view, loader, outcome.data, context)', 'outcome.data'],
      ["the guard's columns", 'guard: guard?.columns ?? []', 'guard: []'],
      ['projection', 'project(name, checked, needs.projection)', 'checked'],
      ['one projection for a round', 'as LoadOutcome, project, options)', 'as LoadOutcome, createProjection(options.view), options)'],
      ['a refusal fails its own loader', 'return { name, data: undefined, error: isOwn', 'throw error\n    return { name, data: undefined, error: isOwn'],
    ]
  },
  'lib/view/loader-error.ts': {
    tests: 'load-round plugin-pages',
    guards: [
      ["no other status of the loader's", '((status >= 400 && status < 500) || isDeadline(cause))', 'true'],
      ['errors that are no errors', 'cause instanceof Error ? cause.message :', 'true ? (cause as any).message :'],
    ]
  },
  'lib/view/run-loaders.ts': {
    tests: 'load-round view-connection',
    guards: [
      ['deadline', '}, deadline)', '}, 1e6)'],
      ['the deadline aborts', 'for (const { abort } of open) abort?.abort(', 'for (const { abort } of []) abort?.abort('],
      ['the end outside', "outer.addEventListener('abort', ended, { once: true })", ''],
      ['nothing starts after the end', 'outer.throwIfAborted()', ''],
      ['signals asked for after the deadline', 'over || outer.aborted', 'outer.aborted'],
      ['signals asked for after the end', 'over || outer.aborted', 'over'],
      ['signals that are asked for late', 'if (over || outer.aborted) own.abort.abort(outer.aborted ? outer.reason : undefined)', ''],
      ['late answers', 'if (!running.delete(own)) return\n        succeed', 'running.delete(own)\n        succeed'],
      ['late failures', 'if (!running.delete(own)) return\n        fail', 'running.delete(own)\n        fail'],
      ['given up before it is told', '    running.clear()\n', ''],
      ['the end is let go', "outer.removeEventListener('abort', ended)", ''],
      ['the timer is let go', 'clearTimeout(timer)', ''],
    ]
  },
  'lib/view/loader-data.ts': {
    tests: 'exact-loading deferred-loading needs-finder plugin-data view-connection',
    guards: [
      ['rounds come to an end', ' && round <= MAX_ROUNDS + 1', ''],
      ['what is still open is loaded whole', 'round >= MAX_ROUNDS ? this.#finder.all() : undefined', ''],
      ['failed loaders are not tried again in the turn', '|| this.#failed.has(name) ||', '||'],
      ['deferred loaders wait', '|| this.#awaited.has(name)) continue', ') continue'],
      ['out of date by state', 'readsChanged(this.#around.state, state) || ', ''],
      ['out of date by query', ' || readsChanged(this.#around.query, query)', ''],
      ['state is tracked', 'state: trackReads(around.state, state)', 'state: around.state'],
      ['query is tracked', 'query: trackReads(around.query, query)', 'query: around.query'],
      ['reloads', 'reloads.has(name) || this.#isOutdated', 'this.#isOutdated'],
      ['overtaken while it runs', 'if (this.#awaited.has(name)) this.#overtaken.add(name)', ''],
      ['overtaken failures', 'if (this.#isOutdated(name, request)) this.#failed.delete(name)', ''],
      ['failures are shown', 'this.#keepFailures = true', ''],
      ['failures heal', 'if (!this.#keepFailures) this.#failed.clear()', ''],
      ['failures are shown once', 'this.#keepFailures = false\n    return', 'return'],
      ['reloads heal', 'this.#overtaken.add(name)\n      this.#failed.delete(name)', 'this.#overtaken.add(name)'],
      ['what nothing shows is not deferred', 'if (!needs.has(name)) this.#awaited.delete(name)', ''],
      ['failures are told', 'if (loader.fallback === null) this.error ??= error', ''],
      ['fallbacks stand in', 'if (loader.fallback === null) this.error ??= error', 'this.error ??= error'],
      ['data of before a failure', 'for (const name of missing.keys()) this.#drop(name)', ''],
      ['data that is out of date', 'const { [name]: gone, ...values } = this.values\n    this.values = Object.freeze(values)', ''],
      ['values cannot be changed', 'this.values = Object.freeze(values)\n  }\n\n  /** Whether', 'this.values = values\n  }\n\n  /** Whether'],
      ['said once', '.filter(([name]) => !this.#noticed.has(name))', ''],
      ['what never is the same', 'differ.filter(({ data }, k) => isDeepStrictEqual(data, (again[k] as LoadOutcome).data))', 'differ'],
    ]
  },
  'lib/view/track-reads.ts': {
    tests: 'view-engine exact-loading plugin-notes plugin-data',
    guards: [
      ['nor take names away', 'deleteProperty: refuse,', ''],
      ['loaders do not change the state', 'defineProperty: refuse,', ''],
      ['nor what it inherits', "setPrototypeOf: (target) => refuse(target, '__proto__'),", ''],
      ['nor close it', "preventExtensions: (target) => refuse(target, 'extensible'),", ''],
      ['names that are asked for', 'has (target, key) {\n      note(target, key, reads)', 'has (target, key) {'],
      ['names that are described', 'getOwnPropertyDescriptor (target, key) {\n      note(target, key, reads)', 'getOwnPropertyDescriptor (target, key) {'],
      ['all names', 'reads.set(ALL, keysOf(target))', ''],
      ['changes in place', "return serialize(value).toString('latin1')", 'return value'],
      ['names that were not there', 'if (value === undefined && !Reflect.has(state, key)) return ABSENT', ''],
      ['what cannot be compared', 'before === UNKNOWN || ', ''],
    ]
  },
  'lib/view/needs-finder.ts': {
    tests: 'needs-finder exact-loading deferred-loading',
    guards: [
      ['memory of needs', 'if (known.size >= REMEMBERED) known.clear()', ''],
      ['memory of answers', 'if (this.#found.size >= REMEMBERED) this.#found.clear()', ''],
      ['eager loaders', 'needed: this.#bits(this.#eager)', 'needed: this.#bits([])'],
    ]
  },
  'lib/view/walk-plan.ts': {
    tests: 'needs-finder exact-loading deferred-loading',
    guards: [
      ['conditions wait for their reads', 'if (!there) return UNKNOWN', ''],
      ['conditions that fail', 'catch {\n    return UNKNOWN', 'catch {\n    return false'],
      ['what is not known decides nothing', 'if (answer !== UNKNOWN) walkBody', 'walkBody'],
      ['loops in conditions', "if (guard.kind === 'loop') return false", "if (guard.kind === 'loop') return true"],
      ['reads of the side it takes', 'return answer !== UNKNOWN && isThere(walk, answer ? guard.truthy : guard.falsy)', 'return true'],
      ['data that was not asked for', 'walk.loaded.get(root)?.needs.covers.has(id) !== true', '!walk.loaded.has(root)'],
    ]
  },
  'lib/view/read-state.ts': {
    tests: 'view-connection needs-finder exact-loading deferred-loading attack-events tenants view-pressure attack-more-access',
    guards: [
      ['state is no promise', 'state !== null && !isThenable(state)', 'state !== null'],
      ['a state that rejects is heard', 'state.then(undefined, () => {})', 'void 0'],
    ]
  },
  'lib/view/mount.ts': {
    tests: 'view-connection needs-finder exact-loading deferred-loading attack-events tenants view-pressure attack-more-access',
    guards: [
      ['the identity of now', 'this.identity = identity\n    this.tenant = tenant\n    return', 'return'],
      ['an identity that is changed in place', 'const holder = [copyIdentity(identity), tenant] as const', 'const holder = [identity, tenant] as const'],
      ['another role', 'const isOther = !isDeepStrictEqual(this.holder, holder)', 'const isOther = false'],
      ['size of the state', 'checkStateSize(view, this.state, input.maxStateSize ?? Infinity)', '0'],
      ['deadline of loading', 'this.#turn = { view, deadline, ', 'this.#turn = { view, deadline: 1e6, '],
      ['the end of the turn', 'signal: given.signal, failed', 'signal: new AbortController().signal, failed'],
      ['a first loading that fails', "if (error !== null && options.failure === 'throws') throw error", ''],
      ['what is not loaded stands as missing', 'if (!this.loaderData.has(name)) page[name] = placeholder', ''],
      ['what has failed stands as missing', "page[name] = unavailable(name, 'failed', errorId)", 'void 0'],
      ['what is awaited stands as missing', "page[name] = unavailable(name, 'pending', '')", 'void 0'],
      ['only what was not foreseen loads all', "if (touchOf(error)?.missing.why !== 'unneeded') throw error", ''],
      ['what was not foreseen is logged', 'given.failed(error as Error)\n    await', 'await'],
      ['what loads and renders knows its tenant', 'inTenant(input.tenant, () =>', '((tenant: unknown, work: any) => work())(input.tenant, () =>'],
      ['deferred loaders know their tenant', 'inTenant(this.tenant, () =>', '((tenant: unknown, work: any) => work())(this.tenant, () =>'],
      ['nobody is not asked for', 'this.identity === null ? false : ask(this.identity, permission)', 'ask(this.identity as Identity, permission)'],
    ]
  }
}
