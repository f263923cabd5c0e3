/**
 * A campaign in a SQLite file, for people to query: `sqlite3 faults.sqlite`, or anything that reads it. docs/faults.md has the schema with examples.
 *
 * A file holds any number of campaigns, one after the other. `node:sqlite` is loaded when it is needed: other commands do without.
 */

import type { Campaign } from './campaign.ts'
import type { Outcome } from './experiment.ts'
import { facts, faultKinds } from './fault.ts'

/** `PRAGMA application_id` of such a file: "KFLT". */
const APPLICATION = 0x4b464c54
const LAYOUT = 1

const schema = `
CREATE TABLE campaign (
  id INTEGER PRIMARY KEY,
  kaleidos TEXT NOT NULL,           -- version
  sources TEXT NOT NULL,            -- digests of the sources that ran, JSON
  began TEXT NOT NULL,              -- ISO 8601
  machine TEXT NOT NULL,            -- model:NAME, or live
  seed INTEGER NOT NULL,
  elapsed_ms REAL NOT NULL
) STRICT;
CREATE TABLE possible (             -- which kinds of faults can happen to which service
  campaign INTEGER NOT NULL REFERENCES campaign,
  kernel TEXT NOT NULL, service TEXT NOT NULL, fault TEXT NOT NULL,
  PRIMARY KEY (campaign, kernel, service, fault)
) STRICT;
CREATE TABLE fault (                -- the kinds
  kind TEXT PRIMARY KEY, summary TEXT NOT NULL,
  weight_service INTEGER NOT NULL, weight_driver INTEGER NOT NULL, source TEXT NOT NULL
) STRICT;
CREATE TABLE experiment (
  id INTEGER PRIMARY KEY,           -- kaleidos faults replay FILE ID
  campaign INTEGER NOT NULL REFERENCES campaign,
  kernel TEXT NOT NULL, service TEXT NOT NULL, fault TEXT NOT NULL, seed INTEGER NOT NULL,
  workload INTEGER NOT NULL,        -- -1: never came to one
  variant TEXT NOT NULL,            -- which of its kind
  site TEXT,                        -- the call that it struck; NULL: not reached
  domain TEXT,                      -- the domain that failed
  part TEXT,                        -- the program on whose behalf the call was made
  at_ns REAL,                       -- since the first program's start
  verdict TEXT NOT NULL,
  corrupted_own TEXT NOT NULL,      -- programs whose data was wrong without a word, and that use a service of that domain
  corrupted_across TEXT NOT NULL,   -- and those that use none: across a wall
  behind_walls INTEGER NOT NULL,    -- programs that use none
  changed TEXT NOT NULL,            -- how programs ended, where not as without the fault
  stopped TEXT,                     -- why the system as a whole stopped
  dead TEXT NOT NULL,               -- domains that were dead at the end
  faults INTEGER NOT NULL,          -- exceptions that the core took
  pause_ns REAL NOT NULL,           -- how much longer it all took
  recovery_ns REAL,                 -- until the service did something again, where it was recovered from
  trace_hash TEXT NOT NULL, events INTEGER NOT NULL
) STRICT;
CREATE INDEX experiment_cell ON experiment (campaign, kernel, service, verdict);
CREATE VIEW matrix AS
  SELECT campaign, kernel, service, verdict, count(*) AS n FROM experiment GROUP BY campaign, kernel, service, verdict;
CREATE VIEW kernels AS
  SELECT campaign, kernel, count(*) AS injected,
    sum(verdict = 'no effect') AS no_effect, sum(verdict = 'recovered') AS recovered, sum(verdict = 'reported') AS reported,
    sum(verdict = 'contained') AS contained, sum(verdict = 'spread') AS spread, sum(verdict = 'silent corruption') AS silent,
    sum(corrupted_across <> '') AS silent_across, sum(verdict = 'whole-system loss') AS lost, max(recovery_ns) AS recovery_ns_worst
  FROM experiment WHERE verdict <> 'not reached' GROUP BY campaign, kernel;
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${LAYOUT};
`

/** An experiment of a file, with what it was run on. */
export interface StoredOutcome {
  readonly outcome: Outcome
  readonly sources: Readonly<Record<string, string>>
}

type Value = string | number | null
type Row = Readonly<Record<string, Value>>

/** Whether the file at this path is one of ours, or can become one: null, or what else it is. */
export async function isStore (path: string): Promise<string | null> {
  const { DatabaseSync } = await import('node:sqlite')
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      const own = (database.prepare('PRAGMA application_id').get() as Row | undefined)?.['application_id']
      const layout = (database.prepare('PRAGMA user_version').get() as Row | undefined)?.['user_version']
      if (own !== APPLICATION) return 'it holds something else'
      return layout === LAYOUT ? null : `it is of layout ${layout}, and this version writes ${LAYOUT}`
    } finally {
      database.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Adds a campaign to the file at a path, which is made where there is none; the id of its first experiment. */
export async function campaignStore (path: string, campaign: Campaign, sources: Readonly<Record<string, string>>, began: string): Promise<number> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path)
  try {
    const own = (database.prepare('PRAGMA application_id').get() as Row)['application_id']
    if (own !== APPLICATION) database.exec(schema)
    database.exec('BEGIN')
    const kinds = database.prepare('INSERT OR REPLACE INTO fault VALUES (?, ?, ?, ?, ?)')
    for (const kind of faultKinds) kinds.run(kind, facts[kind].summary, facts[kind].weight.service, facts[kind].weight.driver, facts[kind].source)
    const id = Number(database.prepare('INSERT INTO campaign (kaleidos, sources, began, machine, seed, elapsed_ms) VALUES (?, ?, ?, ?, ?, ?)')
      .run(campaign.kaleidos, JSON.stringify(sources), began, campaign.machine, campaign.seed, campaign.elapsedMs).lastInsertRowid)
    const possible = database.prepare('INSERT INTO possible VALUES (?, ?, ?, ?)')
    for (const { name, survey } of campaign.kernels) for (const [service, faults] of Object.entries(survey)) for (const fault of faults) possible.run(id, name, service, fault)
    const insert = database.prepare(`INSERT INTO experiment (campaign, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`)
    let first = -1
    for (const outcome of campaign.outcomes) {
      const row = rowOf(outcome)
      const { lastInsertRowid } = insert.run(id, ...columns.map(column => row[column]!))
      if (first < 0) first = Number(lastInsertRowid)
    }
    database.exec('COMMIT')
    return first
  } finally {
    database.close()
  }
}

/** The experiment of this id; undefined when there is none. */
export async function outcomeIn (path: string, id: number): Promise<StoredOutcome | undefined> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const row = database.prepare('SELECT experiment.*, campaign.machine, campaign.sources FROM experiment JOIN campaign ON campaign.id = experiment.campaign WHERE experiment.id = ?').get(id) as Row | undefined
    return row === undefined ? undefined : { outcome: outcomeOf(row), sources: JSON.parse(row['sources'] as string) as Record<string, string> }
  } finally {
    database.close()
  }
}

const columns = [
  'kernel', 'service', 'fault', 'seed', 'workload', 'variant', 'site', 'domain', 'part', 'at_ns', 'verdict', 'corrupted_own', 'corrupted_across',
  'behind_walls', 'changed', 'stopped', 'dead', 'faults', 'pause_ns', 'recovery_ns', 'trace_hash', 'events'
] as const

function rowOf (outcome: Outcome): Record<typeof columns[number], Value> {
  const { struck } = outcome
  return {
    kernel: outcome.kernel, service: outcome.service, fault: outcome.fault, seed: outcome.seed, workload: outcome.workload, variant: outcome.variant,
    site: struck?.site ?? null, domain: struck?.domain ?? null, part: struck?.part ?? null, at_ns: struck?.atNs ?? null, verdict: outcome.verdict,
    corrupted_own: outcome.corruptedOwn.join(', '), corrupted_across: outcome.corruptedAcross.join(', '), behind_walls: outcome.behindWalls,
    changed: outcome.changed.join('; '), stopped: outcome.stopped, dead: outcome.dead.join(', '), faults: outcome.faults,
    pause_ns: outcome.pauseNs, recovery_ns: outcome.recoveryNs, trace_hash: outcome.traceHash, events: outcome.events
  }
}

function outcomeOf (row: Row): Outcome {
  const list = (text: Value | undefined, separator = ', '): string[] => text === '' ? [] : String(text).split(separator)
  const changed = list(row['changed'], '; ')
  return {
    kernel: row['kernel'], service: row['service'], fault: row['fault'], machine: row['machine'], seed: row['seed'], workload: row['workload'], variant: row['variant'],
    struck: row['site'] === null ? null : { atNs: row['at_ns'], domain: row['domain'], site: row['site'], part: row['part'], recoveryNs: null },
    verdict: row['verdict'], corruptedOwn: list(row['corrupted_own']), corruptedAcross: list(row['corrupted_across']), behindWalls: row['behind_walls'],
    lost: changed.map(text => text.split(' ')[0]!), changed, stopped: row['stopped'], dead: list(row['dead']), faults: row['faults'],
    pauseNs: row['pause_ns'], recoveryNs: row['recovery_ns'], traceHash: row['trace_hash'], events: row['events']
  } as Outcome
}
