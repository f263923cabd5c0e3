import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bug } from '../fiber/index.ts'
import { count, number, operation, parameter, role } from '../roles/index.ts'
import { PARAMETERS_MAX, stubsOf } from './index.ts'

test('an operation with more parameters than a gate passes makes no stub: the rest would be lost on the way', () => {
  const withParameters = (n: number) => role('Wide', '', {
    call: operation('', Array.from({ length: n }, (_, i) => parameter(`p${i}`, number)), count, { blocks: false, idempotent: true })
  })
  const make = (): (() => number) => () => 0
  assert.deepEqual(Object.keys(stubsOf(withParameters(PARAMETERS_MAX), make)), ['call'])
  assert.throws(() => stubsOf(withParameters(PARAMETERS_MAX + 1), make), Bug)
})
