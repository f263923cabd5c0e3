// The process of one system: `node serve.ts LABEL PROGRAM`. Runs the program with every list of arguments that it is sent, and
// answers with its output.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { everySystem, labelOf } from './index.ts'

const [label, path] = process.argv.slice(2) as [string, string]
const peer = everySystem.find(each => labelOf(each) === label)
if (peer === undefined) throw new Error(`no system ${label}`)
const opened = peer.open(new Uint8Array(readFileSync(path)))
opened.then(() => process.send!({ ready: true }), () => {})

process.on('message', (args: string[]) => {
  opened.then(run => run(args)).then(output => process.send!(output), (error: unknown) => {
    process.send!({ failure: error instanceof Error ? error.message : String(error) })
  })
})

// Whoever started it is gone.
process.on('disconnect', () => { process.exit() })
