import { runSteps } from './run-steps.ts'
import { scanSteps } from './scan-steps.ts'

// `npm run security`, and `npm run sbom` for one step of it.
const asked = process.argv.slice(2)
const steps = scanSteps(process.cwd()).filter(({ name }) => asked.length === 0 || asked.includes(name))
process.exitCode = await runSteps(steps, console.log)
