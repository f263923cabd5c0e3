// Runs jobs, in C and as a task, under a kernel: npx node examples/jobs/run.ts [monolithic | microkernel | unikernel]
// In a unikernel there is one program in all its life, so that what is started there is refused.

import { readFile } from 'node:fs/promises'
import { boot, kernels } from 'kaleidos'
import { jobs } from './jobs.ts'

const name = process.argv[2] ?? 'microkernel'
const kernel = (kernels as Readonly<Record<string, (() => ReturnType<typeof kernels.microkernel>) | undefined>>)[name]
if (kernel === undefined) throw new Error(`there is no kernel ${name}; there are ${Object.keys(kernels).join(', ')}`)

const inC = await readFile(new URL('jobs.wasm', import.meta.url))
for (const [title, program] of [['in C', inC], ['as a task', jobs]] as const) {
  // It starts itself by path, so it stands in a file.
  await using os = await boot({ kernel: kernel(), executables: { '/bin/jobs': program } })
  const { status, text } = await os.spawn(program, { args: ['/bin/jobs'], stdin: null }).output()
  console.log(`--- ${title}: status ${status}\n${text.trimEnd()}`)
}
