// What the task API is for: pipes, process groups, redirection, environment and signals. jobs.c is the same program in C, with
// the same calls; both print the same. A task is a process: it has a number, descriptors and a directory, and is killed like one.

import type { SystemError, Task, TaskCalls } from 'kaleidos'

const count: Task = async calls => {
  await calls.write(1, Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join(''))
}

const sum: Task = async calls => {
  let total = 0
  for await (const line of calls.lines(0)) total += Number(line)
  await calls.print(`the sum is ${total}`)
  return total === 500500 ? 0 : 1
}

const stubborn: Task = async calls => {
  await calls.signal('SIGTERM', 'ignore')
  await calls.kill(await calls.pid(), 'SIGTERM')
  return 3
}

const greet: Task = calls => calls.print(calls.env['GREETING'] ?? '')
const sleep: Task = calls => calls.sleep(1_000_000)

const parts: Readonly<Record<string, Task>> = { count, sum, stubborn, greet, sleep }

export const jobs: Task = async calls => {
  const part = parts[calls.args[1] ?? '']
  if (part !== undefined) return await part(calls)
  try {
    await main(calls, calls.args[0]!)
  } catch (error) {
    await calls.print((error as SystemError).message)
    return 1
  }
}

async function main (calls: TaskCalls, self: string): Promise<void> {
  // A directory to work in; what is started begins there too.
  await calls.mkdir('/job').catch(error => { if (error.code !== 'EEXIST') throw error })
  await calls.chdir('/job')
  await calls.print(`in ${await calls.cwd()}`)

  // A pipeline is a job: its processes are one group, and are waited for as one.
  const pipe = await calls.pipe()
  const job = await calls.spawn(self, { args: [self, 'count'], descriptors: [0, pipe.write, 2], group: 'new' })
  await calls.spawn(self, { args: [self, 'sum'], descriptors: [pipe.read, 1, 2], group: job })
  await calls.close(pipe.read)
  await calls.close(pipe.write)
  const statuses = [await calls.wait({ group: job }), await calls.wait({ group: job })].map(end => end.status)
  await calls.print(`the pipeline ended with ${statuses[0]! + statuses[1]!}`)

  // Standard output goes to a file for a while.
  const terminal = await calls.dup(1, 10)
  const log = await calls.open('log', { write: true, create: true, truncate: true })
  await calls.dup2(log, 1)
  await calls.print('written to a file')
  await calls.dup2(terminal, 1)
  await calls.close(log)
  await calls.close(terminal)
  await calls.write(1, `the log says: ${await calls.readText('log')}`)

  // An environment of its own; and a task that no file holds.
  await calls.spawn(greet, { env: { GREETING: 'hello' } })
  await calls.wait()

  // Signals: to a group; and one that is ignored.
  const sleeper = await calls.spawn(sleep, { group: 'new' })
  const ended = await calls.waitNow()
  await calls.killGroup(sleeper, 'SIGTERM')
  await calls.print(`${ended === null ? 'it sleeps' : 'it has ended'}, then ended with ${(await calls.wait(sleeper)).status}`)
  await calls.print(`the stubborn one ended with ${(await calls.wait(await calls.spawn(stubborn))).status}`)
  await calls.print(`no child is left: ${await calls.wait().then(() => '?', error => error.code)}`)
}
