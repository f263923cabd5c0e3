// Writes docs/costs.md from the cost tables of the services and the core; a test compares the two.

import { writeFileSync } from 'node:fs'
import { costsDocument } from '../src/lab/costs-document.ts'

writeFileSync(new URL('../docs/costs.md', import.meta.url), await costsDocument())
