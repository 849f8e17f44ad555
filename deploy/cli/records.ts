/**
 * What was recorded, on the command line: proven, closed, kept elsewhere, brought back, handed out
 * and tried under other rules. All of it reads the database itself.
 */

import { join } from 'node:path'
import { makeSeal } from '../../services/seal.ts'
import { readClosings } from '../../sql/money/closings.ts'
import { masterKey, type Settings } from '../settings.ts'
import { knownUser } from './users.ts'
import { Misuse, momentOf, positionals, print, say, snake, type Tools, values } from './words.ts'

const closedDaysMax = 10_000

export async function verifyJournal({ url }: Tools): Promise<number> {
  const { printReport, verify } = await import('../verify/verify.ts')
  const report = await verify({ url })
  printReport(report, { json: values.json })
  return report.ok ? 0 : 1
}

export async function backUpAll({ url, settings }: Tools): Promise<number> {
  const { backUp } = await import('./backup.ts')
  const now = new Date()
  const name = `laju-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}`
  const folder = values.to ?? join(settings.dataDir, 'backups', name)
  const manifest = await backUp(url, { folder, keyId: keyIdOf(settings), now })
  const { tables, journalLines } = manifest
  const bytes = tables.reduce((all, table) => all + table.bytes, 0)
  if (values.json) print(snake({ folder, bytes, ...manifest }))
  else {
    say(`${folder}: ${tables.length} tables, ${journalLines} journal lines, ${bytes} bytes.`)
    say(`The master key ${manifest.keyId} is not in it: keep it elsewhere.`)
  }
  return 0
}

export async function planRestoring({ url, settings }: Tools): Promise<number> {
  const { planRestore } = await import('./restore.ts')
  const plan = await planRestore(url, whereOf(settings))
  const { manifest, rows, migrations, obstacles } = plan
  if (values.json) print(snake({ ...plan }))
  else {
    say(`Taken ${manifest.takenAt}: ${manifest.tables.length} tables, ${rows} rows.`)
    for (const name of migrations) say(`Then migration ${name}.`)
    for (const one of obstacles) say(`In the way: ${one}`)
    if (obstacles.length === 0) say('Nothing stands in the way: restore run.')
  }
  return obstacles.length === 0 ? 0 : 1
}

export async function validateBackup({ url, settings }: Tools): Promise<number> {
  const { validate } = await import('./restore.ts')
  const { printReport } = await import('../verify/verify.ts')
  const { report } = await validate(url, whereOf(settings))
  printReport(report, { json: values.json })
  return report.ok ? 0 : 1
}

export async function restoreAll({ url, settings }: Tools): Promise<number> {
  const { restore } = await import('./restore.ts')
  const { rows } = await restore(url, whereOf(settings))
  return say(`${rows} rows are back. Now: npm run laju -- verify`)
}

export async function exportRecords({ url, db }: Tools): Promise<number> {
  const { exported, exportTo } = await import('./export.ts')
  const what = exported.find(one => one === positionals[1])
  if (what === undefined) throw new Misuse(`export takes one of ${exported.join(', ')}.`)
  if (what === 'journal' && values.username !== undefined) {
    throw new Misuse('The journal knows no clients: export orders or mutations of one.')
  }
  const userId = values.username === undefined ? null : (await knownUser(db)).userId
  const [from, to] = [dateOf('from'), dateOf('to')]
  const count = await exportTo(process.stdout, url, { what, from, to, userId })
  process.stderr.write(`${count} records\n`)
  return 0
}

export async function checkClosings({ db }: Tools): Promise<number> {
  const { doubts } = await import('../../services/closing/closing.ts')
  const days = await readClosings(db.pool, { before: null, limit: closedDaysMax })
  const found = await doubts(db.pool)
  if (values.json) {
    const rows = days.map(({ day, hash, signer }) => ({ day, hash, signer }))
    process.stdout.write(`${JSON.stringify({ days: rows, doubts: found })}\n`)
  } else {
    for (const { day, hash } of days.toReversed()) process.stdout.write(`${day} ${hash}\n`)
    for (const { day, what } of found) process.stderr.write(`${day}: ${what}\n`)
    process.stdout.write(`${days.length} days, ${found.length} doubts\n`)
  }
  return found.length === 0 ? 0 : 1
}

/** Reads only: it needs no running engine, and asks none. */
export async function replayOrders({ url }: Tools): Promise<number> {
  const file = values['what-if']
  if (file === undefined) throw new Misuse('--what-if FILE is missing: a JSON list of rules.')
  const { printWhatIf, readProposal, whatIfOf } = await import('./replay.ts')
  const proposed = readProposal(file)
  if (typeof proposed === 'string') throw new Misuse(proposed)
  const [from, to] = [momentOf('from'), momentOf('to')]
  const whatIf = whatIfOf(url)
  try {
    const told = await whatIf.run({
      ...proposed,
      ...(from === null ? {} : { from }),
      ...(to === null ? {} : { to }),
    })
    if (!('ok' in told)) throw new Error('what-if was refused')
    if ('problems' in told.ok) throw new Misuse(told.ok.problems.join('\n'))
    if (values.json) print(told.ok)
    else printWhatIf(told.ok, text => process.stdout.write(text))
    return 0
  } finally {
    await whatIf.stop()
  }
}

function dateOf(name: 'from' | 'to'): Date | null {
  const at = momentOf(name)
  return at === null ? null : new Date(at)
}

/** What was sealed says which key opens it. */
const keyIdOf = (settings: Settings): string =>
  makeSeal(masterKey(settings)).close('', 'backup').split('.')[1]!

const whereOf = (settings: Settings) => {
  const folder = positionals[2]
  if (folder === undefined) throw new Misuse('Name the folder of the backup.')
  return { folder, keyId: keyIdOf(settings) }
}
