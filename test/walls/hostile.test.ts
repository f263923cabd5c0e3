// Hostile programs on threads of their own, where the host preempts and ends them.

import { describe } from 'node:test'
import { hostilePrograms } from '../hostile/suite.ts'
import { startBehind } from './support.ts'

const without = {
  'a wait that would stop the thread': 'it may wait on a thread of its own: programs.test.ts',
  'initialises outside its memory': 'it is made an instance of when it has begun: programs.test.ts',
  'starts itself until there are no more processes': 'each link of the chain is a thread of the host, which takes long to start; not tried',
  'ten thousand files': 'as many calls and nothing more',
}

describe('hostile programs on threads', () => {
  for (const kernel of ['monolithic', 'microkernel'] as const) hostilePrograms(kernel, without, options => startBehind('thread', kernel, options))
})
