/** Names of what an attacker must not be able to guess byte by byte. */
const SECRET = /(?:^|[a-z\d_$])(?:Mac|Hmac|Signature|Token|Secret|Digest|Csrf)$|^(?:mac|hmac|signature|token|secret|digest|csrf)$/
const secretName = `/${SECRET.source}/`
const CONSTANT = ['left', 'right'].flatMap((side) => [`[${side}.type="Literal"]`, `[${side}.type="Identifier"][${side}.name="undefined"]`])

/** Calls that give their first argument to a shell, and those that do so with `shell: true`. */
const SHELL = '/^(?:exec|execSync)$/'
const SPAWN = '/^(?:spawn|spawnSync|execFile|execFileSync|fork)$/'
const FROM_CHILD_PROCESS = 'ImportDeclaration[source.value=/^(?:node:)?child_process$/]'

/**
 * One rule per thing that is looked for, so that a place can be allowed one thing only: esquery selectors, and what to do.
 * @type {Record<string, { selectors: string[], message: string }>}
 */
const LOOKED_FOR = {
  'no-shell': {
    selectors: [
      `${FROM_CHILD_PROCESS} > ImportSpecifier[imported.name=${SHELL}]`,
      'CallExpression[callee.property.name="execSync"]',
      `CallExpression[callee.object.name=/^(?:child_?process|cp)$/i][callee.property.name=${SHELL}]`,
      `CallExpression:matches([callee.name=${SPAWN}], [callee.property.name=${SPAWN}]) > ObjectExpression > ` +
        'Property[key.name="shell"]:not([value.value=false])'
    ],
    message: 'A shell reads its whole command, with every value that was put into it. Use execFile or spawn with a list of arguments.'
  },
  'no-vm': {
    selectors: [
      'ImportDeclaration[source.value=/^(?:node:)?vm$/]',
      'ImportExpression[source.value=/^(?:node:)?vm$/]',
      'CallExpression[callee.name="require"][arguments.0.value=/^(?:node:)?vm$/]'
    ],
    message: 'node:vm runs text as code and is no sandbox. Pass data instead of code.'
  },
  'no-computed-import': {
    selectors: [
      'ImportExpression:not([source.type="Literal"])',
      'CallExpression[callee.name="require"]:not([arguments.0.type="Literal"])'
    ],
    message: 'What is loaded is decided while running: whoever decides it runs code. Write the name, or choose from a list of imports.'
  },
  'no-computed-regexp': {
    selectors: ['NewExpression', 'CallExpression'].map((call) =>
      `${call}[callee.name="RegExp"]:not([arguments.0.type="Literal"])`),
    message: 'A computed pattern is not checked for backtracking, and what is put into it can change its meaning. Write a literal.'
  },
  'no-secret-comparison': {
    selectors: [
      `BinaryExpression[operator=/^[!=]==?$/]:not(${CONSTANT.join(', ')}):matches([left.name=${secretName}], [right.name=${secretName}], ` +
        `[left.property.name=${secretName}], [right.property.name=${secretName}])`
    ],
    message: 'The time of this comparison tells how many bytes were right. Use timingSafeEqual of node:crypto on digests of both.'
  },
  'no-weak-random': {
    selectors: ['MemberExpression[object.name="Math"][property.name="random"]'],
    message: 'Math.random can be guessed from earlier numbers. Use randomBytes, randomUUID or randomInt of node:crypto.'
  },
  'no-html-template': {
    selectors: [':not(TaggedTemplateExpression) > TemplateLiteral[expressions.length>0] > TemplateElement[value.raw=/<[a-z]/i]'],
    message: 'HTML is put together from values that are not escaped here. Use formatHtml, or a template.'
  }
}

function ruleFor ({ selectors, message }) {
  return {
    meta: { type: 'problem', schema: [], messages: { found: message } },
    create (context) {
      const seen = new Set()
      const report = (node) => {
        // A template with three tags is one finding.
        const at = node.type === 'TemplateElement' ? node.parent : node
        if (seen.has(at)) return
        seen.add(at)
        context.report({ node: at, messageId: 'found' })
      }
      return Object.fromEntries(selectors.map((selector) => [selector, report]))
    }
  }
}

/** An ESLint plugin with the project's own rules. */
export default {
  meta: { name: 'live-security' },
  rules: Object.fromEntries(Object.entries(LOOKED_FOR).map(([name, lookedFor]) => [name, ruleFor(lookedFor)]))
}
