/** The services of this build, by name: what plans can place. */

import { emulation, wasi } from '../abi/index.ts'
import { registryOf } from '../link/index.ts'
import { clock } from '../services/clock/index.ts'
import { console } from '../services/console/index.ts'
import { devfs } from '../services/devfs/index.ts'
import { entropy } from '../services/entropy/index.ts'
import { hostfs } from '../services/hostfs/index.ts'
import { pipefs } from '../services/pipefs/index.ts'
import { proc } from '../services/proc/index.ts'
import { procfs } from '../services/procfs/index.ts'
import { ramfs } from '../services/ramfs/index.ts'
import { reincarnation } from '../services/reincarnation/index.ts'
import { socketfs } from '../services/socketfs/index.ts'
import { store } from '../services/store/index.ts'
import { vfs } from '../services/vfs/index.ts'

export const services = registryOf([wasi, emulation, proc, vfs, ramfs, pipefs, socketfs, devfs, procfs, hostfs, console, clock, entropy, reincarnation, store])
