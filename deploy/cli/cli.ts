/**
 * The command line: `npm run laju -- <verb>`. It reads the database itself, and asks the running
 * engine for whatever would change the journal: only the holder of the shards may write there.
 *
 * DC1. Every verb ends with exit code 0 when it did what it says, 1 when not, 2 when it was misused
 *      or had nothing to work on (settings, database).
 * DC3. A word that a verb has no use for is a misuse, never passed over: it was meant to say
 *      something.
 */

import { join } from 'node:path'
import { DatabaseRefused, openDatabase } from '../../sql/database.ts'
import { MigrationRefused, migrate } from '../../sql/migrate.ts'
import { openPostgres } from '../postgres/postgres.ts'
import { loadSettings } from '../settings.ts'
import { StartFailure } from '../start-failure.ts'
import { askEngine } from './ask-engine.ts'
import { checkAclFile, provisionDevice, rotateDevice } from './devices.ts'
import { help } from './help.ts'
import { resolveOrder, touchOrder } from './orders.ts'
import { createDeskPerson, rotateDeskPerson, takeSecondFactor } from './people.ts'
import {
  backUpAll,
  checkClosings,
  exportRecords,
  planRestoring,
  replayOrders,
  restoreAll,
  validateBackup,
  verifyJournal,
} from './records.ts'
import {
  changeStatus,
  changeUser,
  closeUser,
  createUsers,
  payIn,
  renewLogin,
  rotateUser,
} from './users.ts'
import { Misuse, positionals, say, type Tools, values } from './words.ts'

type Verb = (tools: Tools) => Promise<number>

const verbs: Readonly<Record<string, Verb>> = {
  verify: verifyJournal,
  migrate: async () => say('Database is up to date.'),
  'user create': createUsers,
  'user rotate': rotateUser,
  'user login': renewLogin,
  'user change': changeUser,
  'user suspend': tools => changeStatus(tools, 'suspended'),
  'user activate': tools => changeStatus(tools, 'active'),
  'user close': closeUser,
  'person create': createDeskPerson,
  'person rotate': rotateDeskPerson,
  'person totp': takeSecondFactor,
  'device provision': provisionDevice,
  'device rotate': rotateDevice,
  deposit: payIn,
  'order resolve': resolveOrder,
  'order hold': tools => touchOrder(tools, 'hold'),
  'order release': tools => touchOrder(tools, 'release'),
  'order recheck': tools => touchOrder(tools, 'recheck'),
  'order reroute': tools => touchOrder(tools, 'reroute'),
  backup: backUpAll,
  'restore plan': planRestoring,
  'restore validate': validateBackup,
  'restore run': restoreAll,
  export: exportRecords,
  rebuild: tools => askEngine(tools, 'rebuild', {}),
  closing: checkClosings,
  replay: replayOrders,
}

/** What comes behind a verb's own words; the others take nothing. */
const wordsAfter: Readonly<Record<string, number>> = {
  'device acl-check': 1,
  'order resolve': 1,
  'order hold': 1,
  'order release': 1,
  'order recheck': 1,
  'order reroute': 1,
  'restore plan': 1,
  'restore validate': 1,
  'restore run': 1,
  export: 1,
}

async function main(): Promise<number> {
  const isAclCheck = positionals.slice(0, 2).join(' ') === 'device acl-check'
  if (isAclCheck && strayIn('device acl-check') === undefined) return checkAclFile()
  const names = [positionals.slice(0, 2).join(' '), positionals[0] ?? '']
  const name = isAclCheck ? names[0] : names.find(one => Object.hasOwn(verbs, one))
  const stray = name === undefined ? undefined : strayIn(name)
  if (stray !== undefined && !values.help) {
    process.stderr.write(`${name} takes no "${stray}". See npm run laju -- --help\n`)
    return 2
  }
  const verb = name === undefined ? undefined : verbs[name]
  if (values.help || verb === undefined) {
    process.stderr.write(help)
    return values.help ? 0 : 2
  }
  try {
    return await withDatabase(verb)
  } catch (cause) {
    if (cause instanceof Misuse) {
      process.stderr.write(`${cause.message}\n`)
      return 2
    }
    const known =
      cause instanceof StartFailure ||
      cause instanceof MigrationRefused ||
      cause instanceof DatabaseRefused
    process.stderr.write(`${known ? cause.message : String((cause as Error).stack ?? cause)}\n`)
    return known ? 2 : 1
  }
}

/** The first word that nobody would look at. */
const strayIn = (name: string): string | undefined =>
  positionals[name.split(' ').length + (wordsAfter[name] ?? 0)]

/** These bring the schema with them. */
const unmigrated: readonly Verb[] = [planRestoring, restoreAll]

async function withDatabase(verb: Verb): Promise<number> {
  const settings = loadSettings(join(import.meta.dirname, '../..'))
  const server =
    settings.databaseUrl === null ? await openPostgres({ dataDir: settings.dataDir }) : null
  const url = settings.databaseUrl ?? server!.url
  try {
    const db = await openDatabase(url)
    try {
      if (!unmigrated.includes(verb)) await migrate(url)
      return await verb({ url, db, settings })
    } finally {
      await db.end()
    }
  } finally {
    await server?.stop()
  }
}

process.exitCode = await main()
