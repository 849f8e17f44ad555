/**
 * The owner's desk for rules: what nobody could read, rule sets in versions, trying them out, the
 * bench, and the switch. Everything that runs a rule which is not in use yet runs in a worker.
 *
 *   unread reply ─▶ draft ─▶ save (checked, a version) ─▶ bench ─▶ activate (names the bench)
 *
 * PAH1. What is saved compiles; versions are never changed, and who made them is kept.
 * PAH2. A rule set is switched on only by naming a bench of exactly these rules, complete, against
 *       exactly those in use.
 * PAH3. Where a bench found replies that would become a success, a person says that this is meant.
 * PAH4. What the rules in use can read by now leaves the inbox.
 * PAH5. A template is checked whole before it is kept, and is in use from then on.
 */

import { hash } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { Piscina } from 'piscina'
import type { z } from 'zod/v4'
import type { Database } from '../../sql/database.ts'
import {
  activate,
  adapterOf,
  addBench,
  addRuleSet,
  addTemplate,
  forgetUnread,
  noteUnread,
  readActivations,
  readActive,
  readBench,
  readParked,
  readRuleSets,
  readUnread,
} from '../../sql/topup/parser.ts'
import type { Refused } from '../contract/answer.ts'
import type { Actions } from '../contract.ts'
import { templateSchema } from '../supplier/generic.ts'
import { otomaxSettings } from '../supplier/otomax-settings.ts'
import { defaultRules } from './default-rules.ts'
import { draftOf, shapeOf } from './draft.ts'
import { reportOf } from './report.ts'
import { type Channel, type Rule, RuleSet, rulesSchema } from './rules.ts'
import type { Benched, Result, Tried, Work } from './rules.worker.ts'
import type { UnreadReplies } from './unread.ts'

type ParserDeps = {
  readonly db: Pick<Database, 'pool' | 'url'>
  readonly unread: UnreadReplies
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Answers<A extends keyof Actions> = Promise<Actions[A]['result']>

const flushEveryMs = 2_000
const shapesMax = 5_000
const benchMsMax = 10 * 60_000
const versionsMax = 100
const defaultDigest = 'default'

export function parserService({ db, unread }: ParserDeps): ServiceSchema {
  const { pool } = db
  const worker = new Piscina<Work, Result[Work['type']]>({
    filename: new URL('./rules.worker.ts', import.meta.url).href,
    recordTiming: false,
    minThreads: 0,
    maxThreads: 1,
    maxQueue: 8,
    idleTimeout: 30_000,
  })
  const run = <T extends Work['type']>(work: Extract<Work, { type: T }>): Promise<Result[T]> =>
    worker.run(work) as Promise<Result[T]>
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()

  const flush = (): Promise<void> => {
    flushing = flushing.then(() =>
      unread.flush(all => noteUnread(pool, { unread: all, shapesMax })),
    )
    return flushing
  }

  async function inbox({ supplier, limit }: Params<'parser.inbox'>): Answers<'parser.inbox'> {
    await flush()
    const narrowed = supplier === undefined ? { limit } : { supplier, limit }
    const rows = [...(await readUnread(pool, narrowed)), ...(await parkedReports(narrowed))]
    return {
      ok: rows.slice(0, limit).map(row => {
        const said = { channel: row.channel as Channel, text: row.sample }
        return { ...row, draft: draftOf(said) }
      }),
    }
  }

  /** Reports that name no order to any rule never reached one: they wait where they were stored. */
  async function parkedReports(narrowed: { supplier?: string; limit: number }) {
    const byShape = new Map<string, Awaited<ReturnType<typeof readUnread>>[number]>()
    for (const { supplier, body, at } of await readParked(pool, narrowed)) {
      const { text: sample } = reportOf(body)
      const shape = shapeOf(sample)
      const key = `${supplier} ${shape}`
      const known = byShape.get(key)
      const count = (known?.count ?? 0) + 1
      const lastAt = known?.lastAt ?? at
      const row = { supplier, channel: 'callback', shape, sample, count, firstAt: at, lastAt }
      byShape.set(key, row)
    }
    return [...byShape.values()]
  }

  async function list({ supplier }: Params<'parser.rules'>): Answers<'parser.rules'> {
    if ((await adapterOf(pool, supplier)) === null) return refused('NOT_FOUND')
    const [sets, active, history] = await Promise.all([
      readRuleSets(pool, { supplier, limit: versionsMax }),
      readActive(pool, supplier),
      readActivations(pool, { supplier, limit: versionsMax }),
    ])
    return {
      ok: {
        active: active?.version ?? null,
        rules: active?.rules ?? defaultRules,
        versions: sets.map(({ rules, ...set }) => ({ ...set, rules: rules.length })),
        history,
      },
    }
  }

  async function version(asked: Params<'parser.version'>): Answers<'parser.version'> {
    const [set] = await readRuleSets(pool, { ...asked, limit: 1 })
    return set === undefined ? refused('NOT_FOUND') : { ok: set }
  }

  async function save(asked: Params<'parser.save'>): Answers<'parser.save'> {
    const rules = parsed(rulesSchema, asked.rules)
    if ('refused' in rules) return rules
    const samples = (await readUnread(pool, { supplier: asked.supplier, limit: 100 })).map(
      ({ sample }) => sample,
    )
    const findings = await run({ type: 'lint', rules: rules.ok, samples })
    const broken = findings.filter(({ kind }) => kind === 'not_compiled')
    if (broken.length > 0) return refused('RULES_INVALID', { findings: broken })
    const text = JSON.stringify(rules.ok)
    const digest = hash('sha256', text)
    const { supplier, note, by } = asked
    const saved = await addRuleSet(pool, { supplier, rules: text, digest, note, by })
    return saved === null ? refused('NOT_FOUND') : { ok: { version: saved, digest, findings } }
  }

  async function tryOut({ rules, sample }: Params<'parser.test'>): Answers<'parser.test'> {
    const read = parsed(rulesSchema, rules)
    if ('refused' in read) return read
    const tried: Tried = await run({ type: 'try', rules: read.ok, sample })
    return { ok: tried }
  }

  async function bench(asked: Params<'parser.bench'>): Answers<'parser.bench'> {
    const { supplier, version: wanted, by } = asked
    const [set] = await readRuleSets(pool, { supplier, version: wanted, limit: 1 })
    if (set === undefined) return refused('NOT_FOUND')
    const active = await readActive(pool, supplier)
    const done: Benched = await run({
      ...{ type: 'bench', url: db.url, supplier, msMax: benchMsMax },
      before: active === null ? null : rulesSchema.parse(active.rules),
      after: rulesSchema.parse(set.rules),
    })
    const { changes, conflicts, ...figures } = done
    const row = await addBench(pool, {
      ...figures,
      ...{ supplier, digest: set.digest, against: active?.digest ?? defaultDigest, byWhom: by },
      changes: JSON.stringify(changes),
    })
    return { ok: { ...row, changes, conflicts } }
  }

  async function switchOn(asked: Params<'parser.activate'>): Answers<'parser.activate'> {
    const { supplier, version: wanted, bench: id, by } = asked
    const [[set], active, found] = await Promise.all([
      readRuleSets(pool, { supplier, version: wanted, limit: 1 }),
      readActive(pool, supplier),
      readBench(pool, id),
    ])
    if (set === undefined) return refused('NOT_FOUND')
    const isOfThese = found?.supplier === supplier && found.digest === set.digest
    const isAgainstThose = found?.against === (active?.digest ?? defaultDigest)
    if (!isOfThese || !isAgainstThose || !found.complete) return refused('BENCH_MISMATCH')
    if (found.toSuccess > 0 && asked.acceptSuccess !== true) {
      return refused('APPROVAL_NEEDED', { to_success: found.toSuccess })
    }
    await activate(pool, { supplier, version: wanted, bench: id, by })
    await clear(supplier, rulesSchema.parse(set.rules))
    return { ok: { supplier, version: wanted } }
  }

  async function clear(supplier: string, rules: readonly Rule[]): Promise<void> {
    await flush()
    const set = new RuleSet(rules)
    const rows = await readUnread(pool, { supplier, limit: shapesMax })
    const read = rows.filter(
      ({ channel, sample }) => set.match(channel as Channel, sample) !== null,
    )
    if (read.length > 0) await forgetUnread(pool, read)
  }

  async function saveTemplate(asked: Params<'parser.template'>): Answers<'parser.template'> {
    const { supplier, by } = asked
    const named = Object.keys(asked.template as object)
    const isOtomax =
      named.length > 0 && named.every(name => name === 'priceList' || name === 'bills')
    const template = isOtomax
      ? parsed(otomaxSettings, asked.template)
      : parsed(templateSchema, asked.template)
    if ('refused' in template) return template
    const text = JSON.stringify(template.ok)
    const adapter = isOtomax ? 'otomax' : 'generic'
    const saved = await addTemplate(pool, { supplier, adapter, template: text, by })
    return saved === null ? refused('NOT_FOUND') : { ok: { version: saved } }
  }

  return {
    name: 'parser',
    actions: {
      inbox: (ctx: Context<Params<'parser.inbox'>>) => inbox(ctx.params),
      rules: (ctx: Context<Params<'parser.rules'>>) => list(ctx.params),
      version: (ctx: Context<Params<'parser.version'>>) => version(ctx.params),
      save: (ctx: Context<Params<'parser.save'>>) => save(ctx.params),
      test: (ctx: Context<Params<'parser.test'>>) => tryOut(ctx.params),
      bench: (ctx: Context<Params<'parser.bench'>>) => bench(ctx.params),
      activate: (ctx: Context<Params<'parser.activate'>>) => switchOn(ctx.params),
      template: (ctx: Context<Params<'parser.template'>>) => saveTemplate(ctx.params),
    },
    async started() {
      timer = setInterval(() => void flush(), flushEveryMs).unref()
    },
    async stopped() {
      clearInterval(timer)
      await flush()
      await worker.destroy()
    },
  }
}

type ParserRefusal = 'NOT_FOUND' | 'RULES_INVALID' | 'BENCH_MISMATCH' | 'APPROVAL_NEEDED'

const refused = (code: ParserRefusal, details?: Refused['details']): Refused => ({
  refused: code,
  moneyEffect: 'none',
  ...(details === undefined ? {} : { details }),
})

function parsed<T>(schema: z.ZodType<T>, given: unknown): { readonly ok: T } | Refused {
  const read = schema.safeParse(given)
  if (read.success) return { ok: read.data }
  const findings = read.error.issues.slice(0, 20).map(({ path, message }) => ({
    field: path.join('.'),
    problem: message,
  }))
  return refused('RULES_INVALID', { findings })
}
