#!/usr/bin/env node
import { isEntry } from './is-entry.ts'
import { readApplication } from './read-application.ts'
import { runCommand } from './run-command.ts'

if (isEntry(import.meta.url)) {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
  process.stdout.on('error', () => { process.exit() })
  const { stdout: out, stderr: err, env } = process
  process.exitCode = await runCommand(process.argv.slice(2), { out, err, env, cwd: process.cwd(), read: readApplication })
}
