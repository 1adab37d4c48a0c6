import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 130, ignoreTemplateLiterals: true, ignoreUrls: true }],
      // `void promise` says that nobody waits for it on purpose.
      'no-void': ['error', { allowAsStatement: true }]
    }
  }
]
