/** pipefs: pipes, as a file system of inodes without names. Option: `pipesMax`. */

import { FileSystem, PIPES_MAX, service } from '../../roles/index.ts'
import { Pipefs } from './pipefs.ts'

export const pipefs = service({
  name: 'pipefs',
  summary: 'keeps pipes',
  provides: { files: FileSystem },
  requires: {},
  options: { pipesMax: PIPES_MAX },
  start: ({ arena, options }) => ({ files: new Pipefs(arena, options.pipesMax) })
})
