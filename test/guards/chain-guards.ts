/* eslint-disable no-template-curly-in-string -- source text, as it stands in the files */
import type { Guarded } from './guarded.ts'

const UNTIMED = '((work: any, ...rest: unknown[]) => work)('

/** By file; tests in the order in which they are likely to notice. */
export const CHAIN_GUARDS: Readonly<Record<string, Guarded>> = {
  'lib/chain/arrival.ts': {
    tests: 'view-connection plugin-chain attack-events',
    guards: [
      ['metering', '  meterFrame, ', '  '],
      ['metering before parsing', 'meterFrame, checkFrameKind, checkSize, parseText,', 'checkFrameKind, checkSize, parseText, meterFrame,'],
      ['binary frames', 'meterFrame, checkFrameKind,', 'meterFrame,'],
      ['size', 'checkSize, parseText,', 'parseText,'],
      ['size before parsing', 'checkSize, parseText,', 'parseText, checkSize,'],
      ['connection bucket', 'takeConnectionToken, deliver,', 'deliver,'],
      ['connection bucket before delivery', 'takeConnectionToken, deliver,', 'deliver, takeConnectionToken,'],
    ]
  },
  'lib/chain/parse-text.ts': {
    tests: 'plugin-chain attack-events view-connection attack-refusals',
    guards: [
      ['junk is warned', "return violation('LIVE_ERR_FRAME_JSON'", "return refusal('LIVE_ERR_FRAME_JSON'"],
      ['long texts are not warned', "const refused = refusal('LIVE_ERR_FRAME_JSON'", "const refused = violation('LIVE_ERR_FRAME_JSON'"],
      ['typing long texts is not, ever', 'typing === undefined ?', 'true ?'],
    ]
  },
  'lib/chain/refusal.ts': {
    tests: 'plugin-chain',
    guards: [['violations weigh', "weight: 'warning', close: 0", "weight: 'none', close: 0"]]
  },
  'lib/chain/take-connection-token.ts': {
    tests: 'plugin-chain',
    guards: [
      ['over budget is warned', '(typing ? refusal : violation)', 'refusal'],
      ['typing over budget is not', '(typing ? refusal : violation)', 'violation'],
    ]
  },
  'lib/chain/take-handler-token.ts': {
    tests: 'view-connection plugin-chain attack-events',
    guards: [
      ['going on over budget is warned', '(patient ? refusal : violation)', 'refusal'],
      ['typing over budget is not', 'isTyping(message.kind) || ', ''],
      ['people are impatient', '(patient ? refusal : violation)', 'violation'],
      ['told how long to wait', 'wait: Math.ceil(buckets.untilNext(key))', 'wait: 0'],
    ]
  },
  'lib/chain/deliver.ts': {
    tests: 'plugin-chain view-connection attack-events',
    guards: [
      ['second join', 'return connection.join(message) ?', 'connection.join(message); return true ?'],
      ['event before join', "connection.phase !== 'live'", 'false'],
      ['rising refs', '|| message.ref <= connection.lastRef', ''],
      ['full mailbox is answered', "? null : refusal('LIVE_ERR_MAILBOX'", "|| true ? null : refusal('LIVE_ERR_MAILBOX'"],
    ]
  },
  'lib/chain/turn.ts': {
    tests: 'attack-events attack-sessions plugin-chain plugin-access form-values',
    guards: [
      ['session', '  checkSession, ', '  '],
      ['session before anything is asked', 'checkSession, checkEventName, checkDeclared, checkBinding, checkSent, takeHandlerToken, checkPayload, authorizeEvent,',
        'checkEventName, checkDeclared, checkBinding, checkSent, takeHandlerToken, checkPayload, authorizeEvent, checkSession,'],
      ['event name', 'checkEventName, checkDeclared', 'checkDeclared'],
      ['event name before the lookup', 'checkEventName, checkDeclared', 'checkDeclared, checkEventName'],
      ['values sent', 'checkBinding, checkSent,', 'checkBinding,'],
      ['handler bucket', 'takeHandlerToken, checkPayload', 'checkPayload'],
      ['binding before the bucket', 'checkBinding, checkSent, takeHandlerToken', 'takeHandlerToken, checkBinding, checkSent'],
      ['bucket before payload and authorize', 'takeHandlerToken, checkPayload, authorizeEvent', 'checkPayload, authorizeEvent, takeHandlerToken'],
      ['authorize', 'authorizeEvent,\n  runHandler', 'runHandler'],
      ['payload before authorize', 'checkPayload, authorizeEvent', 'authorizeEvent, checkPayload'],
    ]
  },
  'lib/chain/check-declared.ts': {
    tests: 'plugin-chain attack-refusals',
    guards: [
      ['undeclared names', 'event === undefined', 'false'],
      ['bare functions are told', 'if (!event.declared) connection', 'if (false) connection'],
    ]
  },
  'lib/chain/check-binding.ts': {
    tests: 'plugin-chain attack-events attack-sessions view-connection',
    guards: [
      ['impossible controls', "binding.status === 'impossible'", 'false'],
      ['the control calls this event', 'binding.event !== message.event', 'false'],
      ['values seen', '!isSeen(binding, message.seen)', 'false'],
      ['keys', 'binding.keys !== null &&', 'false &&'],
    ]
  },
  'lib/chain/check-sent.ts': {
    tests: 'form-values attack-more-access',
    guards: [
      ['data where none is sent', '!maySend(kind, place) && names.size > 0', 'false'],
      ['data of a click', "return kind !== 'click'", 'return true'],
      ['data of what is no field', "return tag === 'input' || tag === 'select' || tag === 'textarea'", 'return true'],
      ['values', 'if (missing.length === 0) return null', 'if (1) return null'],
      ['values that no field can have', 'if (!isPossible) return', 'if (false) return'],
      ['one field says one thing', "collected(kind, place) === 'field' && names.size > 1", 'false'],
      ['values that are the server\'s', ' || (!(name in own) && canHaveValue(shapes, name, event))', ''],
      ['those of this very control', '!(name in own) && ', ''],
      ['values that are no texts', '!odd && [...values]', '[...values]'],
      ['violations before what is stale', "else if (refused?.weight === 'warning') return refused", ''],
      ['fields that are not shown', "return refusal('LIVE_ERR_STALE', 'stale', `'${name}', which", "return null ?? void (`'${name}', which"],
      ['fields that are gone are not heard', "if (refused === 'dropped') delete data[name]", "if (refused === 'dropped') void name"],
      ["the server's spelling", 'restore(data, name, values)\n', ';\n'],
    ]
  },
  'lib/render/match-sent.ts': {
    tests: 'form-values',
    guards: [
      ['disabled fields', "else if (!around.disabled && read('disabled') === null) {", 'else if (!around.disabled) {'],
      ['fieldsets in fieldsets', "else if (!around.disabled && read('disabled') === null) {", "else if (read('disabled') === null) {"],
      ['disabled groups of options', "noOption: read('disabled') !== null", 'noOption: false'],
      ['fields of other forms', 'return form === id || (form === null && !byId) ? known : null', 'return known'],
      ['fields of no form', '(form === null && !byId)', '(form === null)'],
      ['what trusted HTML does not name', ' === name)', ' !== null)'],
      ['the search ends when all is found, not before', 'if (before && !isMissing(known)) search.missing--', 'search.missing--'],
    ]
  },
  'lib/render/offer-value.ts': {
    tests: 'form-values',
    guards: [
      ['disabled options', "const isOff = off || read('disabled') !== null", 'const isOff = off'],
      ['options of disabled groups', "const isOff = off || read('disabled') !== null", "const isOff = read('disabled') !== null"],
      ['buttons are sent with their submit', "collected === 'form and submitter' && SUBMITTERS.has(type)", 'SUBMITTERS.has(type)'],
      ['buttons that send nothing', "collected === 'form and submitter' && SUBMITTERS.has(type)", "collected === 'form and submitter'"],
      ['files', "if (type !== 'file') known.free = true", 'known.free = true'],
      ['other values', 'known.values.set(comparable(value), value)', 'known.values.set(comparable(value), value)\n  else known.free = true'],
      ['values that are no texts', '!shown || odd ||', '!shown ||'],
    ]
  },
  'lib/render/attributes-in-set.ts': {
    tests: 'attack-more-access',
    guards: [
      ['names in bodies', 'bodies.flatMap((body) => written(body, interleave(body)))', '[]'],
      ['names that begin with a value', ".filter((piece) => piece !== '')", ''],
    ]
  },
  'lib/render/can-send.ts': {
    tests: 'form-values attack-more-access',
    guards: [
      ['names', '!fits(names, name) &&', 'false &&'],
      ['names in tags in which attributes come and go', " || attributesInSet(shape, set).some((some) => says(some.get('name')))", ''],
      ['names that begin with a value', "typeof pieces?.[0] === 'string' && fits(pieces, name)", 'pieces !== undefined && fits(pieces, name)'],
      ['values of this event', 'one.event === event', 'true'],
      ['values in tags in which attributes come and go', ' || attributesInSet(shape, set).some((some) => some.has(wanted))', ''],
      ['options', "return value === '' || canOffer(shape, field.items, value)", 'return true'],
      ['what is written out', 'if (!literals.includes(null)) return comparable(first) === text', 'if (!literals.includes(null)) return true'],
      ['beginnings and ends', 'if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false', ''],
      ['what stands between', 'if (found === -1) return false', ''],
      ['files', "return type !== 'file'", 'return true'],
      ['buttons that send nothing', "if (tag === 'button' && !SUBMITTERS.has(type)) return false", ''],
      ['translated pages', "if (tag === 'input' && type === 'submit' && attributes.has('value')) return true", ''],
      ['boxes without value', "value === (type === 'checkbox' || type === 'radio' ? 'on' : '')", 'true'],
    ]
  },
  'lib/render/surroundings.ts': {
    tests: 'form-values attack-more-access',
    guards: [
      ['disabled fieldsets', "disabled: disabled || has('disabled') }", 'disabled }'],
      ['legends are not switched off', "element.tag === 'legend' ? outside : disabled", 'disabled'],
      ['live-ignore that is not there', "element.ignores && has('live-ignore')", 'element.ignores'],
    ]
  },
  'lib/render/resolve-binding.ts': {
    tests: 'render-binding attack-more-access plugin-chain attack-events',
    guards: [
      ["the template's own controls", '!isDeclared || ', ''],
      ['disabled controls', "return attributes.has('disabled') || ", 'return '],
      ['controls in disabled fieldsets', "(disabled && kind !== 'submit') || ", ''],
      ['forms in disabled fieldsets are sent', " && kind !== 'submit'", ''],
      ['controls that say they are disabled', " || (pressed && attributes.get('aria-disabled') === 'true')", ''],
      ['values without prototype', 'Object.create(null)', '{}'],
      ['only what these templates never show is impossible', "canShow(tree.shape, path, element, kind) ? 'stale' : 'impossible'", "'impossible'"],
      ['what they never show is', "canShow(tree.shape, path, element, kind) ? 'stale' : 'impossible'", "'stale'"],
      ['all values seen', 'shown.length === given.length && ', ''],
      ['each value seen', 'shown.every((value, k) => value === given[k])', 'true'],
      ['rows of now', 'slot.rows[rowIndex(slot, path[++k] ?? -1)]', 'slot.rows[path[++k] ?? -1]'],
    ]
  },
  'lib/chain/check-payload.ts': {
    tests: 'attack-events view-connection plugin-chain plugin-data attack-refusals',
    guards: [
      ['typing what is not yet valid is not warned', 'isTyping(turn.message.kind) ?', 'false ?'],
      ['payload schema', '!result.ok', 'false'],
      ['rendered values win', 'message.data, values)', 'values, message.data)'],
      ['payloads without prototype', 'Object.create(null)', '{}'],
      ['deadline', 'withDeadline(', UNTIMED],
    ]
  },
  'lib/chain/authorize-event.ts': {
    tests: 'view-connection attack-events plugin-chain',
    guards: [
      ['only true', 'answer === true', 'answer'],
      ['only true, later', 'allowed === true', 'allowed'],
      ['throwing denies', 'return broken(err)', 'return null'],
      ['rejecting denies', 'denied, broken)', 'denied, () => null)'],
      ['deadline', 'withDeadline(', UNTIMED],
    ]
  },
  'lib/chain/run-handler.ts': {
    tests: 'attack-events attack-sessions view-connection plugin-chain',
    guards: [
      ['not after the end', 'connection.isClosed()', 'false'],
      ['deadline', 'withDeadline(', UNTIMED],
      ['deadline aborts', '() => { scope.abort() }', '() => {}'],
      ['a failed handler leads nowhere', 'connection.effects.restore(before)', ''],
      ['a failed handler says nothing', 'connection.effects.restore(before)\n    mount.flashes = []', 'connection.effects.restore(before)'],
      ['a failed handler leaves the address', 'if (mount.query !== query) {', 'if (false) {'],
      ['what it did before it failed is shown', 'turn.failed = true', ''],
      ['a handler that throws', '} catch (err) {\n    return failed(err)', '} catch (err) {\n    throw err'],
      ['a handler that rejects', '.then(() => null, failed)', '.then(() => null)'],
      ['flashes of the last event', 'if (mount.flashes.length > 0) mount.flashes = []', ''],
    ]
  },
  'lib/chain/run-chain.ts': {
    tests: 'attack-events attack-sessions',
    guards: [['what is refused later goes no further', 'if (refused !== null) return refused', '']]
  },
  'lib/chain/publish-change.ts': {
    tests: 'view-pressure view-connection plugin-data attack-events',
    guards: [
      ['renderings that reject', 'outcome.then(() => null, failed)', 'outcome.then(() => null)'],
    ]
  }
}
