/**
 * Alarms on the mesh: what staff reads, acknowledges and mutes, the rules by which they ring, and
 * the channels by which people hear of them.
 *
 * ALS1. Who acknowledges, mutes or changes a rule says why, and stands in the history by name.
 * ALS2. A channel's secret is told once, when it is made or renewed.
 * ALS3. A channel leads only where we may call, or to a chat gateway that we can write to.
 * ALS4. A test is sent at once, whatever the hour, and says whether it arrived.
 */

import { randomBytes } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import {
  type AlarmRow,
  acknowledge,
  alarmById,
  type ChannelRow,
  changedRules,
  mute,
  noteHistory,
  readAlarms,
  readChannels,
  readHistory,
  saveChannel,
  saveRule,
} from '../../sql/alarms.ts'
import { sayOnce } from '../../sql/topup/chat.ts'
import { addressOf } from '../chat/channels.ts'
import { chatLineOf } from '../chat/line.ts'
import type { AlarmChannelView, AlarmRuleView, AlarmView } from '../contract/alarm.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { type Egress, type EgressOptions, openEgress } from '../webhook/egress.ts'
import { secretPrefix } from '../webhook/shapes.ts'
import { testBody } from './body.ts'
import { codes, conditions, type Rule, rulesWith } from './conditions.ts'
import { Courier, type CourierDeps, secretPurpose } from './courier.ts'
import type { Alarm } from './life.ts'
import { isZone } from './telling.ts'
import { ruleText, sentences, testText, whatOf } from './text.id.ts'
import { AlarmWatch, channelOf, type WatchDeps } from './watch.ts'

type AlarmDeps = Omit<WatchDeps, 'courier'> &
  Pick<CourierDeps, 'seal'> & {
    readonly egress: EgressOptions
  }

export type Alarms = {
  readonly service: ServiceSchema
  readonly watch: AlarmWatch
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const historyMax = 100
const channelsMax = 50
const usualZone = 'Asia/Jakarta'

const refuse = (refused: RefusalCode, details?: Readonly<Record<string, unknown>>) =>
  details === undefined
    ? ({ refused, moneyEffect: 'none' } as const)
    : ({ refused, details, moneyEffect: 'none' } as const)

export function makeAlarms(deps: AlarmDeps): Alarms {
  const { db, seal, now, onError } = deps
  const { pool } = db
  const egress: Egress = openEgress(deps.egress)
  const courier = new Courier({ db, seal, egress, now, onError })
  const watch = new AlarmWatch({ ...deps, courier })

  async function act(
    id: number,
    change: (row: AlarmRow) => Promise<AlarmRow | null>,
  ): Promise<{ ok: AlarmView } | ReturnType<typeof refuse>> {
    const row = await alarmById(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    const changed = row.state === 'resolved' ? null : await change(row)
    return changed === null ? refuse('ALREADY_DECIDED') : { ok: alarmView(changed) }
  }

  async function get({ id }: Params<'alarm.get'>): Result<'alarm.get'> {
    const row = await alarmById(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    const page = { alarmId: id, before: Number.MAX_SAFE_INTEGER, limit: historyMax }
    return { ok: { ...alarmView(row), history: await readHistory(pool, page) } }
  }

  async function putRule(params: Params<'alarm.putRule'>): Result<'alarm.putRule'> {
    const { code, by, reason, ...wish } = params
    const former = rulesWith((await changedRules(pool)) as readonly Rule[]).get(code)!
    const rule: Rule = { ...former, ...wish, code }
    await saveRule(pool, rule, { by, reason, at: now() })
    void watch.look()
    return { ok: ruleView(rule, false) }
  }

  async function putChannel(params: Params<'alarm.putChannel'>): Result<'alarm.putChannel'> {
    const { name, kind, by, rotate = false, ...wish } = params
    const rows = await readChannels(pool)
    const former = rows.find(row => row.name === name)
    if (former === undefined && rows.length >= channelsMax) return refuse('WEBHOOK_LIMIT')
    if (former !== undefined && former.kind !== kind) return wrong('kind')
    const zone = wish.zone ?? former?.zone ?? usualZone
    if (!isZone(zone)) return wrong('zone')
    const place = kind === 'webhook' ? await webhookAt(wish, former) : await chatAt(wish, former)
    if ('refused' in place) return place
    const isFresh = kind === 'webhook' && (former === undefined || rotate)
    const secret = isFresh ? secretPrefix + randomBytes(32).toString('base64') : null
    const { quiet } = wish
    const row = {
      ...{ name, kind, ...place, zone },
      secret: secret === null ? (former?.secret ?? null) : seal.close(secret, secretPurpose(name)),
      minSeverity: wish.minSeverity ?? former?.minSeverity ?? 'warning',
      quietFrom: quiet === undefined ? (former?.quietFrom ?? null) : (quiet?.from ?? null),
      quietUntil: quiet === undefined ? (former?.quietUntil ?? null) : (quiet?.until ?? null),
      wakes: wish.wakes ?? former?.wakes ?? true,
      active: wish.active ?? former?.active ?? true,
    }
    const at = now()
    await saveChannel(pool, row, { by, reason: '', at })
    void watch.look()
    const { toldAt = null, createdAt = at } = former ?? {}
    return { ok: { channel: channelView({ ...row, toldAt, createdAt }), secret } }
  }

  async function webhookAt({ url }: Wish, former: ChannelRow | undefined) {
    const wanted = url ?? former?.url ?? null
    if (wanted === null) return wrong('url')
    if (!(await egress.mayCall(wanted))) return refuse('URL_FORBIDDEN')
    return { url: new URL(wanted).href, gateway: null, address: null }
  }

  async function chatAt(wish: Wish, former: ChannelRow | undefined) {
    const gateway = wish.gateway ?? former?.gateway ?? null
    const typed = wish.address ?? former?.address ?? null
    if (gateway === null || typed === null) return wrong(gateway === null ? 'gateway' : 'address')
    const line = await chatLineOf({ db, seal }, gateway)
    if (line === null) return refuse('GATEWAY_INVALID')
    // A group of Telegram has a number below zero.
    const address = line.kind === 'telegram' ? typed : addressOf(typed)
    if (!addressShapes[line.kind].test(address)) return wrong('address')
    return { url: null, gateway, address }
  }

  async function test({ name, by }: Params<'alarm.test'>): Result<'alarm.test'> {
    const row = (await readChannels(pool)).find(one => one.name === name)
    if (row === undefined) return refuse('NOT_FOUND')
    const at = now()
    const note = { alarmId: null, subject: name, what: 'tested', by, reason: '', at }
    await noteHistory(pool, { ...note, fields: {} })
    const { gateway, address } = row
    if (gateway !== null && address !== null) {
      const about = `alarm test ${name} ${at}`
      await sayOnce(pool, { gateway, address, text: testText, about, state: 'waiting' })
      return { ok: { state: 'waiting', problem: null } }
    }
    const words = { id: `alarm_test_${at}`, event: 'alarm.test', body: testBody(at, testText) }
    const { problem } = await courier.post(row, words)
    return { ok: { state: problem === null ? 'sent' : 'failed', problem } }
  }

  const service: ServiceSchema = {
    name: 'alarm',
    actions: {
      async list(ctx: Context<Params<'alarm.list'>>): Result<'alarm.list'> {
        const { state = null, code = null, before = Number.MAX_SAFE_INTEGER, limit } = ctx.params
        const rows = await readAlarms(pool, { state, code, before, limit })
        return { ok: { rows: rows.map(alarmView) } }
      },
      get: (ctx: Context<Params<'alarm.get'>>) => get(ctx.params),
      acknowledge: (ctx: Context<Params<'alarm.acknowledge'>>) => {
        const { id, by, reason } = ctx.params
        return act(id, row => acknowledge(pool, row, { by, reason, at: now() }))
      },
      mute: (ctx: Context<Params<'alarm.mute'>>) => {
        const { id, until, by, reason } = ctx.params
        return act(id, ({ code }) => mute(pool, { id, code, until }, { by, reason, at: now() }))
      },
      async rules(): Result<'alarm.rules'> {
        const changed = (await changedRules(pool)) as readonly Rule[]
        const rules = rulesWith(changed)
        const isUsual = (code: string) => !changed.some(one => one.code === code)
        return { ok: { rows: codes.map(code => ruleView(rules.get(code)!, isUsual(code))) } }
      },
      putRule: (ctx: Context<Params<'alarm.putRule'>>) => putRule(ctx.params),
      async channels(): Result<'alarm.channels'> {
        return { ok: { rows: (await readChannels(pool)).map(channelView) } }
      },
      putChannel: (ctx: Context<Params<'alarm.putChannel'>>) => putChannel(ctx.params),
      test: (ctx: Context<Params<'alarm.test'>>) => test(ctx.params),
      async history(ctx: Context<Params<'alarm.history'>>): Result<'alarm.history'> {
        const { before = Number.MAX_SAFE_INTEGER, limit } = ctx.params
        return { ok: { rows: await readHistory(pool, { alarmId: null, before, limit }) } }
      },
    },
    started: async () => watch.start(),
    async stopped() {
      await watch.stop()
      await egress.close()
    },
  }
  return { service, watch }
}

type Wish = Omit<Params<'alarm.putChannel'>, 'name' | 'kind' | 'by'>

const wrong = (field: string) => refuse('FIELDS_INVALID', { field })

const addressShapes = {
  plain: /^[\w@+.-]{1,64}$/,
  whatsapp: /^\d{8,20}$/,
  whatsapp_cloud: /^\d{8,20}$/,
  telegram: /^-?\d{1,20}$/,
} as const

function alarmView(row: AlarmRow): AlarmView {
  const { about: _, goneAt: __, ...same } = row
  const alarm = row as Alarm
  return {
    ...same,
    code: alarm.code,
    text: whatOf(alarm),
    advice: sentences[alarm.code].advice,
  }
}

const ruleView = (rule: Rule, usual: boolean): AlarmRuleView => ({
  ...rule,
  ...{ usual, unit: conditions[rule.code].unit, text: ruleText[rule.code] },
})

function channelView(row: ChannelRow): AlarmChannelView {
  const { kind, url, gateway, address, createdAt } = row
  return { ...channelOf(row), kind, url, gateway, address, createdAt }
}
