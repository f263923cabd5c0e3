// The same hostile programs where there is no other: a kernel that is one with its program ends them all the same.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attack, attacks, judge } from './attacks.ts'
import { install, kernelNames, multiprogram, start } from '../system/support.ts'

describe('alone, in a kernel of one program', () => {
  for (const kernel of kernelNames.filter(name => !multiprogram.includes(name))) {
    for (const one of attacks.filter(({ starts }) => starts !== true)) {
      test(`${kernel}: what ${one.what}`, async () => {
        const needed = one.program()
        await using os = await start(kernel, { program: needed })
        if ([...(one.options?.args ?? [])].includes('/bin/hostile')) await install(os, 'hostile')
        judge(one, await attack(os, one))
        const { counters, processes, tainted } = os.stats()
        assert.deepEqual([counters.faults, processes, tainted], [0, 0, false])
      })
    }
  }
})
