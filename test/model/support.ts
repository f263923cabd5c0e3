// This host, as runs on model machines are made on it.

import { modelMachine } from '../../src/index.ts'
import { here as live } from '../system/support.ts'
import type { ModelHost } from './runs.ts'

export const here: ModelHost = { ...live, library: { ...live.library, modelMachine } }
