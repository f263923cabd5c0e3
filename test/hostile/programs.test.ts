// Hostile programs in the kernel's thread, under every kernel that runs more than one.

import { describe } from 'node:test'
import { everyMultiprogram, start } from '../system/support.ts'
import { hostilePrograms } from './suite.ts'

// The kernels side by side: much of it is waiting.
describe('hostile programs', { concurrency: true }, () => {
  for (const kernel of everyMultiprogram) hostilePrograms(kernel, {}, options => start(kernel, options))
})
