// The page: what to run, and a row for each kernel. The operating systems are in worker.js.

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
const by = id => document.getElementById(id)
const form = by('form')
const rows = by('rows')
const counts = ['calls', 'crossings', 'switches', 'grants', 'bytesCopied']
const inputs = { sort: 'pear\nfig\nplum\napple\n', wc: 'one\ntwo three\n', sha256sum: 'abc', cat: 'what comes in goes out\n' }
const hints = { primes: '200000', args: 'one "two three"', bytes: '64' }

let kernels = []
/** By kernel: its row, its output so far, and whether it has ended. */
let runs = new Map()

by('program').addEventListener('change', () => {
  const name = by('program').value
  by('own').hidden = name !== 'own'
  by('args').value = hints[name] ?? ''
  by('stdin').value = inputs[name] ?? ''
})

form.addEventListener('submit', async event => {
  event.preventDefault()
  clear()
  try {
    const { name, program } = await chosen()
    busy(true)
    for (const kernel of kernels) start(kernel)
    worker.postMessage({ run: { program, args: [name, ...words(by('args').value)], stdin: by('stdin').value } })
  } catch (error) {
    by('answer').textContent = error.message
  }
})

by('stop').addEventListener('click', () => worker.postMessage({ stop: true }))
worker.addEventListener('error', event => { by('answer').textContent = event.message ?? 'The worker cannot be read: this page is served from the package, after npm run build.' })

worker.addEventListener('message', ({ data }) => {
  if (data.kernels) {
    kernels = data.kernels
    by('run').disabled = false
    return
  }
  const run = runs.get(data.kernel)
  if (data.output) run.output += run.decoder.decode(data.output, { stream: true })
  if (data.error) run.error += run.errorDecoder.decode(data.error, { stream: true })
  if (data.ended) {
    run.ended = true
    cells(run, data.ended.kind === 'exit' ? `exit ${data.ended.status}` : data.ended.message, data.counters)
  }
  if (data.refused) {
    run.ended = true
    run.error = data.refused
    cells(run, 'refused')
  }
  show()
})

async function chosen () {
  const name = by('program').value
  if (name !== 'own') {
    const response = await fetch(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))
    if (!response.ok) throw new Error(`${name}.wasm: ${response.status} ${response.statusText}`)
    return { name, program: new Uint8Array(await response.arrayBuffer()) }
  }
  const [file] = by('file').files
  if (file === undefined) throw new Error('Choose a file: a WASI program, compiled to WebAssembly.')
  return { name: file.name.replace(/\.wasm$/, ''), program: new Uint8Array(await file.arrayBuffer()) }
}

/** Words as a shell would have them: blanks separate, double quotes hold together. */
function words (text) {
  return [...text.matchAll(/"([^"]*)"|\S+/g)].map(match => match[1] ?? match[0])
}

function clear () {
  runs = new Map()
  rows.replaceChildren()
  by('answer').textContent = ''
  by('output').textContent = ''
  by('error').textContent = ''
}

function start (kernel) {
  const row = document.createElement('tr')
  rows.append(row)
  const run = { kernel, row, output: '', error: '', ended: false, decoder: new TextDecoder(), errorDecoder: new TextDecoder() }
  runs.set(kernel, run)
  cells(run, 'running …')
}

function cells ({ kernel, row }, status, counters) {
  const values = counters === undefined ? counts.map(() => '') : counts.map(name => counters[name].toLocaleString('en'))
  row.replaceChildren(...[kernel, status, ...values].map((text, column) => {
    const cell = document.createElement(column === 0 ? 'th' : 'td')
    if (column === 0) cell.scope = 'row'
    cell.textContent = text
    return cell
  }))
}

function show () {
  const all = [...runs.values()]
  by('output').textContent = all[0].output
  by('error').textContent = all[0].error
  const done = all.every(run => run.ended)
  busy(!done)
  if (!done) return
  const same = all.every(run => run.output === all[0].output)
  by('answer').textContent = same ? 'The same output under every kernel; what it took differs.' : 'The outputs differ: that is a mistake in KaleidOS.'
}

function busy (now) {
  by('run').disabled = now
  by('stop').disabled = !now
}
