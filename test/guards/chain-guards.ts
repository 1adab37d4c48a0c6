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
    tests: 'plugin-chain attack-events view-connection',
    guards: [
      ['junk is warned', '(HONEST.has(parsed.reason) ? refusal : violation)', 'refusal'],
      ['long texts are not warned', '(HONEST.has(parsed.reason) ? refusal : violation)', 'violation'],
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
      ['typing over budget is not', "message.kind === 'input' || message.kind === 'change' || ", ''],
      ['people are impatient', '(patient ? refusal : violation)', 'violation'],
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
    tests: 'attack-events attack-sessions plugin-chain plugin-access',
    guards: [
      ['session', '  checkSession, ', '  '],
      ['session before anything is asked', 'checkSession, checkEventName, checkDeclared, checkBinding, takeHandlerToken, checkPayload, authorizeEvent,',
        'checkEventName, checkDeclared, checkBinding, takeHandlerToken, checkPayload, authorizeEvent, checkSession,'],
      ['event name', 'checkEventName, checkDeclared', 'checkDeclared'],
      ['event name before the lookup', 'checkEventName, checkDeclared', 'checkDeclared, checkEventName'],
      ['handler bucket', 'takeHandlerToken, checkPayload', 'checkPayload'],
      ['binding before the bucket', 'checkBinding, takeHandlerToken', 'takeHandlerToken, checkBinding'],
      ['bucket before payload and authorize', 'takeHandlerToken, checkPayload, authorizeEvent', 'checkPayload, authorizeEvent, takeHandlerToken'],
      ['authorize', 'authorizeEvent, runHandler', 'runHandler'],
      ['payload before authorize', 'checkPayload, authorizeEvent', 'authorizeEvent, checkPayload'],
    ]
  },
  'lib/chain/check-declared.ts': {
    tests: 'plugin-chain',
    guards: [['undeclared names', 'event === undefined', 'false']]
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
  'lib/chain/check-payload.ts': {
    tests: 'attack-events view-connection plugin-chain plugin-data',
    guards: [
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
    tests: 'attack-sessions view-connection plugin-chain',
    guards: [
      ['not after the end', 'connection.isClosed()', 'false'],
      ['deadline', 'withDeadline(', UNTIMED],
      ['deadline aborts', '() => { scope.abort() }', '() => {}'],
    ]
  }
}
