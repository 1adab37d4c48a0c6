import noUnsanitized from 'eslint-plugin-no-unsanitized'
import regexp from 'eslint-plugin-regexp'
import own from './own-rules.js'

// What can make a pattern slow, or let it match what its author did not mean. Taste is left to the author.
const PATTERNS = [
  'no-super-linear-backtracking', 'no-super-linear-move', 'no-dupe-disjunctions',
  'no-empty-alternative', 'no-empty-capturing-group', 'no-empty-character-class', 'no-empty-group', 'no-empty-string-literal',
  'no-escape-backspace', 'no-invalid-regexp', 'no-invisible-character', 'no-lazy-ends', 'no-misleading-capturing-group',
  'no-misleading-unicode-character', 'no-missing-g-flag', 'no-non-standard-flag', 'no-optional-assertion',
  'no-potentially-useless-backreference', 'no-useless-backreference', 'no-useless-dollar-replacements', 'no-useless-flag',
  'no-zero-quantifier', 'optimal-lookaround-quantifier', 'confusing-quantifier'
]

/** Tests and benchmarks attack, and compute what they expect. */
const ATTACKING = ['test/**', 'benchmark/**']
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'window', 'self', 'global', 'globalThis']

/**
 * The lint rules that look for what can hurt: part of `npm run lint` and of editors by eslint.config.js, and alone in
 * `npm run security`. A place is allowed in place: `// eslint-disable-next-line rule -- why`.
 */
export default [
  {
    files: ['**/*.{ts,mts,cts,js,mjs,cjs}'],
    // Without them a rule takes a timer for a function of the file's own.
    languageOptions: { globals: Object.fromEntries(TIMERS.map((name) => [name, 'readonly'])) },
    plugins: { regexp, 'no-unsanitized': noUnsanitized, 'live-security': own },
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-unsanitized/property': 'error',
      // Its word on import() is said for every computed name by live-security/no-computed-import.
      'no-unsanitized/method': ['error', {}, { import: { properties: [] } }],
      'live-security/no-shell': 'error',
      ...Object.fromEntries(PATTERNS.map((name) => [`regexp/${name}`, 'error']))
    }
  },
  {
    // Everything that is delivered or shown as an example, new folders included.
    files: ['**/*.{ts,mts,cts}'],
    ignores: ATTACKING,
    rules: {
      'no-script-url': 'error',
      'live-security/no-vm': 'error',
      'live-security/no-computed-import': 'error',
      'live-security/no-computed-regexp': 'error',
      'live-security/no-secret-comparison': 'error'
    }
  },
  {
    // The patterns of tests meet nothing but what tests wrote.
    files: ['test/**'],
    rules: { 'regexp/no-super-linear-backtracking': 'off', 'regexp/no-super-linear-move': 'off' }
  },
  {
    files: ['{lib,plugin}/**/*.{ts,mts,cts}'],
    rules: { 'live-security/no-weak-random': 'error' }
  },
  {
    // The analyser of templates quotes tags in what it tells an author, at boot; it writes no page. In the browser everything
    // has to pass the one sink, which the rules above find.
    files: ['**/*.{ts,mts,cts}'],
    ignores: [...ATTACKING, 'runtime/**', 'lib/template/html/**'],
    rules: { 'live-security/no-html-template': 'error' }
  }
]
