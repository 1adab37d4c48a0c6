import { runSteps } from './run-steps.ts'
import { stagedSteps } from './scan-steps.ts'

// What .ci/hooks/pre-commit runs: quiet where there is nothing to do.
const lines: string[] = []
const status = await runSteps(stagedSteps(process.cwd()), (line) => { lines.push(line) })
if (status === 1) {
  console.error(lines.join('\n'))
  console.error('\nNot committed. Change it and stage it again with git add; npm run lint -- --fix does what is only style.' +
    '\nA place can be allowed with its reason: // eslint-disable-next-line rule -- why, or // secret-scan: allow -- why.' +
    '\ngit commit --no-verify skips this; CI looks again.')
}
process.exitCode = status
