// A worker that runs a program under every kernel. The library is plain ES modules: nothing is bundled.
//
// It says first which { kernels } there are, takes { run: { program, args, stdin } } and { stop: true }, and answers with a message
// for each event of each kernel: { kernel, output }, { kernel, error }, { kernel, ended, counters }, { kernel, refused }.

import { boot, kernels } from '../../dist/browser.js'

/** What runs now. */
let running = []

postMessage({ kernels: Object.keys(kernels) })

addEventListener('message', async ({ data }) => {
  if (data.stop) for (const process of running) process.kill('SIGKILL')
  if (data.run) {
    running = []
    await Promise.all(Object.keys(kernels).map(kernel => run(kernel, data.run)))
  }
})

async function run (kernel, { program, args, stdin }) {
  const tell = event => postMessage({ kernel, ...event })
  try {
    await using os = await boot({ kernel: kernels[kernel](), program })
    const before = os.stats().counters
    const process = os.spawn(program, { args, stdin })
    running.push(process)
    const [exit] = await Promise.all([
      process.wait(),
      pieces(process.stdout, output => tell({ output })),
      pieces(process.stderr, error => tell({ error }))
    ])
    const after = os.stats().counters
    tell({ ended: exit, counters: Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]])) })
  } catch (error) {
    tell({ refused: error.message })
  }
}

/** Hands on what a stream brings, piece by piece. */
async function pieces (stream, take) {
  for await (const bytes of stream) take(bytes)
}
