/** The suite of Files over a folder of the host, as a program sees one that was given to it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { NodeFolders } from '../../machine/live/folders-node.ts'
import { filesConformance, wholeFiles } from '../../roles/conformance/index.ts'
import type { FileSystem } from '../../roles/index.ts'
import { hostfs } from '../hostfs/index.ts'
import { startService } from '../testing.ts'
import { filesSubject, startVfs } from './testing.ts'

filesConformance({
  name: 'vfs over a host folder',
  test,
  skip: wholeFiles,
  make () {
    const hostPath = mkdtempSync(join(tmpdir(), 'vfs-'))
    const folders = new NodeFolders([{ hostPath, writable: true }])
    const files = startService(hostfs, { devices: { folders } })['files'] as unknown as FileSystem
    return {
      ...filesSubject(startVfs({ hostfs: files }, { mounts: [{ path: '/', fileSystem: 'hostfs' }] })),
      close () {
        folders.closeAll()
        rmSync(hostPath, { recursive: true })
      }
    }
  }
})
