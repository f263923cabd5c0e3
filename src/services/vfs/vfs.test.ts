import { test } from 'node:test'
import { filesConformance, wholeFiles } from '../../roles/conformance/index.ts'
import { filesSubject, startVfs } from './testing.ts'

filesConformance({ name: 'vfs over ramfs', test, skip: wholeFiles, make: () => filesSubject(startVfs()) })
