// Samples of every profile, for one host and another to compare.

import type * as Model from '../../src/machine/model/index.ts'

export function samplesOf ({ profiles, Random, sampleProfile }: Pick<typeof Model, 'profiles' | 'Random' | 'sampleProfile'>, seeds: number): unknown[] {
  return [...profiles.values()].flatMap(json => Array.from({ length: seeds }, (_, seed) => sampleProfile(json, new Random(seed))))
}
