/** What is compared of a system, worked out from runs of the frozen workloads. */

import type { Plan } from '../../link/index.ts'
import type { Hardware, Measure } from './measure.ts'
import { systemNamed } from './systems.ts'
import type { Quantity } from './targets.ts'
import { aim, build, getpidRuns, mixRuns, nullCall, pageTableEntries, pageTouches, pipeBytes, pipeRoundTrips, sqlite } from './workloads.ts'
import type { Mix } from './workloads.ts'

/** A modelled figure, in the unit of its quantity's targets. A system that cannot be modelled throws. */
export async function quantityOf (measure: Measure, hardware: Hardware, quantity: Quantity, system: string): Promise<number> {
  const perCall = (ns: number): number => ns * measure.frequencyMHz(hardware) / 1000
  switch (quantity) {
    case 'getpid': return perCall(await measure.operation(hardware, { plan: systemNamed(system), program: 'getpid', args: texts(getpidRuns.iterations, getpidRuns.batches) }))
    case 'pipe latency': return await roundTripNs(measure, hardware, systemNamed(system), pipeRoundTrips.iterations, pipeRoundTrips.batches) / 1000
    case 'pipe bandwidth': {
      const { size, count, batches } = pipeBytes
      const ns = await measure.operation(hardware, { plan: systemNamed(system), program: 'pour', args: ['/pour.wasm', ...texts(size, count, batches)], children: ['pour'] })
      return size / ns * 1000
    }
    case 'build': return 100 * (await mixRatio(measure, hardware, build, system) - 1)
    case 'AIM': return 100 * (await mixRatio(measure, hardware, aim, system) - 1)
    case 'null RPC': return await nullNs(measure, hardware, systemNamed(system)) - await nullNs(measure, hardware, systemNamed('unikernel'))
    case 'page tables': return measure.machineOf(hardware, ({ profile }) => pageTableEntries * profile.map.perPage / profile.frequencyMHz)
    case 'SQLite': return insertNs(measure, hardware, systemNamed(system))
  }
}

function texts (...numbers: readonly number[]): string[] {
  return numbers.map(String)
}

function roundTripNs (measure: Measure, hardware: Hardware, plan: Plan, iterations: number, batches: number): Promise<number> {
  return measure.operation(hardware, { plan, program: 'pair', args: ['/pingpong.wasm', ...texts(iterations, batches)], children: ['pingpong'] })
}

function nullNs (measure: Measure, hardware: Hardware, plan: Plan): Promise<number> {
  return measure.operation(hardware, { plan, program: 'bench', args: [nullCall.name, ...texts(nullCall.iterations, nullCall.batches), '/'] })
}

function operationNs (measure: Measure, hardware: Hardware, plan: Plan, name: string): Promise<number> {
  const { iterations, batches } = mixRuns
  if (name === 'pipe') return roundTripNs(measure, hardware, plan, iterations, batches)
  if (name === 'page' || name === 'file page') return pageNs(measure, hardware, plan, name === 'file page')
  if (name === 'spawn') return measure.operation(hardware, { plan, program: 'spawns', args: ['/true.wasm', ...texts(8, 2)], children: ['true'] })
  return measure.operation(hardware, { plan, program: 'bench', args: [name, ...texts(iterations, batches), '/'] })
}

/** A page that is touched for the first time: of memory that a program takes, or of its file. */
async function pageNs (measure: Measure, hardware: Hardware, plan: Plan, ofFile: boolean): Promise<number> {
  const touched = async (kernel: Plan): Promise<number> => {
    const run = async (mib: number): Promise<number> =>
      (await measure.whole(hardware, { plan: kernel, ...ofFile ? { program: 'true', args: [], fileBytes: mib * 2 ** 20 } : { program: 'grow', args: texts(mib) } })).ns
    return await run(pageTouches.most) - await run(pageTouches.least)
  }
  const pages = (pageTouches.most - pageTouches.least) * 2 ** 20 / measure.machineOf(hardware, ({ timing }) => timing.pageBytes)
  return (await touched(plan) - await touched(systemNamed('unikernel'))) / pages
}

/** How many times as long a mix takes as on Linux: a second of computing, and its operations. */
async function mixRatio (measure: Measure, hardware: Hardware, mix: Mix, system: string): Promise<number> {
  const seconds = async (name: string): Promise<number> => {
    let total = 1
    for (const operation of mix.operations) total += operation.perSecond * await operationNs(measure, hardware, systemNamed(name), operation.name) / 1e9
    return total
  }
  return await seconds(system) / await seconds('linux')
}

async function insertNs (measure: Measure, hardware: Hardware, plan: Plan): Promise<number> {
  const rows = Array.from({ length: sqlite.rows }, (_, row) => `INSERT INTO tab VALUES (${row}, 'value ${row}');`)
  const script = (count: number): string => `CREATE TABLE tab (number INTEGER, text TEXT);\nBEGIN;\n${rows.slice(0, count).join('\n')}\nCOMMIT;\n`
  const run = async (count: number): Promise<number> => (await measure.whole(hardware, { plan, program: 'sqlite3', args: ['-batch', '/test.db'] }, script(count))).ns
  // Less what starting and the table take.
  return await run(sqlite.rows) - await run(0)
}
