import { isEntry } from './is-entry.ts'
import { describeFailure } from './describe-failure.ts'
import { explainApplication } from './explain-application.ts'
import type { ApplicationReport } from './read-application.ts'

/** How long the application may take to close. By then everything is said. */
const CLOSING = 3000

if (isEntry(import.meta.url) && process.send !== undefined) {
  const file = process.argv[2] as string
  // Also what the application throws where nobody waits for it.
  process.on('uncaughtException', (error) => { void answer(describeFailure(error, file)).then(end) })
  try {
    const { views, close } = await explainApplication(file)
    await answer({ views })
    setTimeout(end, CLOSING)
    await close()
  } catch (error) {
    await answer(describeFailure(error, file))
  }
  // Timers, sockets and pools that the application left open would keep the process.
  end()
}

function answer (report: ApplicationReport['fastifyLiveView']): Promise<void> {
  return new Promise((resolve) => {
    // Where nobody listens any more, the callback is called with an error.
    process.send?.({ fastifyLiveView: report } satisfies ApplicationReport, undefined, undefined, () => { resolve() })
  })
}

function end (): never {
  process.exit(0)
}
