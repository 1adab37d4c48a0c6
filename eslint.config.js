import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'
import security from './test/security/lint-config.js'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  ...security,
  {
    rules: {
      // A message cut in two cannot be searched for.
      '@stylistic/max-len': ['error', { code: 130, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      // `void promise` says that nobody waits for it on purpose.
      'no-void': ['error', { allowAsStatement: true }]
    }
  }
]
