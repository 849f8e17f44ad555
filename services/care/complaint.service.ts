/**
 * Complaints: a client's word against an order of his, what was known at that moment, what was said
 * to and fro, and a verdict. Whatever a verdict does to money is done by the order itself.
 *
 *   order ─▶ supplier asked again, if its contract allows ─▶ evidence ─▶ open ⇄ answered
 *                                  order.resolve ◀── verdict ── upheld | rejected
 *                                              └─▶ the client's servers, his chat
 *
 * CRE1. An order has one complaint: whoever complains again, by whatever way, gets the same.
 * CRE2. A client sees, and adds to, his own; what he may have open is bounded, and what he may say.
 * CRE3. At the opening the order's attempts are kept as they were, and its supplier is asked again
 *       when the contract allows; why not is kept as well.
 * CRE4. Money moves only through `order.resolve`, before the verdict is written: a verdict that the
 *       order refuses is none, and one that was cut off half-way can be given again.
 * CRE5. What staff says is told to the client's servers and to his chat once, also after a crash.
 * CRE6. Whoever moved money, and finds that another one closed the complaint meanwhile, hears that
 *       it has moved.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { keyOf, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addClientMessage,
  addComplaint,
  addStaffMessage,
  complaintAbout,
  complaintById,
  complaints,
  type KeptComplaint,
  messagesOf,
  noteTold,
  untold,
} from '../../sql/topup/complaints.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { Complaint, ComplaintEvidence, ComplaintFile } from '../contract/care.ts'
import type { OrderStatus } from '../contract/order-view.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { chapterAt } from '../order/story.ts'
import { orderView } from '../order/view.ts'

type ComplaintDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly room: Pick<EngineRoom, 'engine'>
  readonly call: Call
  /** Only whoever serves orders tells what others left untold. */
  readonly isOwner: () => boolean
  readonly onError: (cause: unknown) => void
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const openMax = 20
const messagesMax = 100
const beatMs = 5_000
const tellAtOnce = 50

const refuse = (refused: RefusalCode): Refused => ({ refused, moneyEffect: 'none' })

/** What the order must be for a word on it to have been done before. */
const doneAs: Readonly<Partial<Record<string, OrderStatus>>> = {
  success: 'SUCCESS',
  failed: 'FAILED',
  refund: 'REFUND',
}

export function complaintService(deps: ComplaintDeps): ServiceSchema {
  const { db, call } = deps
  const { pool } = db
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> | null = null
  let again = false

  async function open(params: Params<'complaint.open'>): Result<'complaint.open'> {
    const { userId, trxId, ref, reason, text, inboxId = null } = params
    const found = await (trxId === undefined
      ? call('order.byRef', { userId, ref: ref ?? '' })
      : call('order.get', { userId, trxId }))
    if (!('ok' in found)) return found
    const known = await complaintAbout(pool, found.ok.trxId)
    if (known !== null) return opened(await file(known), true)

    const why = { by: userId, reason: 'complaint' }
    const check = await call('order.recheck', { trxId: found.ok.trxId, ...why })
    const { status, sn, disputed, attempts, product, destination, ...order } = found.ok
    const asked = 'ok' in check ? 'asked' : 'fault' in check ? check.fault : check.refused
    const evidence: ComplaintEvidence = { status, sn, disputed, attempts, check: asked }
    const about = { trxId: order.trxId, userId, ref: order.ref, product, destination }
    const made = await addComplaint(pool, { ...about, reason, evidence, inboxId, text }, openMax)
    if (made !== null) return opened(await file(made), false)
    const other = await complaintAbout(pool, order.trxId)
    return other === null ? refuse('COMPLAINT_LIMIT') : opened(await file(other), true)
  }

  const opened = (told: Answer<ComplaintFile>, repeated: boolean) =>
    'ok' in told ? { ok: { file: told.ok, repeated } } : told

  /** All of it; of a user's only when it is his. */
  async function file(id: number, userId?: string): Promise<Answer<ComplaintFile>> {
    const kept = await complaintById(pool, id)
    if (kept === null || (userId !== undefined && kept.userId !== userId)) {
      return refuse('NOT_FOUND')
    }
    const messages = await messagesOf(pool, id, messagesMax)
    const { trxId } = kept
    const key = keyOf(trxId)
    try {
      const lines = await deps.room.engine.history(shardOf(trxId), key)
      const now = chapterAt(lines, { key, trxId, at: Number.POSITIVE_INFINITY })
      if (now === null) return refuse('NOT_FOUND')
      const { checked = null } = now.state.order
      const evidence = kept.evidence as ComplaintEvidence | null
      const order = orderView(trxId, now)
      return { ok: { complaint: complaintOf(kept), messages, evidence, order, checked } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function list(params: Params<'complaint.list'>): Result<'complaint.list'> {
    const { userId = null, state = null, before = Number.MAX_SAFE_INTEGER, limit } = params
    const rows = await complaints(pool, { userId, state, before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    return { ok: { rows: page, next: rows.length > limit ? page.at(-1)!.id : null } }
  }

  async function say({
    userId,
    id,
    text,
  }: Params<'complaint.say'>): Promise<Answer<ComplaintFile>> {
    const kept = await complaintById(pool, id)
    if (kept === null || kept.userId !== userId) return refuse('NOT_FOUND')
    if (isDecided(kept)) return refuse('COMPLAINT_CLOSED')
    const isSaid = await addClientMessage(pool, { id, userId, text, most: messagesMax - 1 })
    return isSaid ? await file(id, userId) : refuse('COMPLAINT_LIMIT')
  }

  async function answer({
    id,
    text,
    by,
  }: Params<'complaint.answer'>): Promise<Answer<ComplaintFile>> {
    if ((await complaintById(pool, id)) === null) return refuse('NOT_FOUND')
    return await settle({ id, kind: 'answered', by, text })
  }

  async function decide(params: Params<'complaint.decide'>): Promise<Answer<ComplaintFile>> {
    const { id, verdict: kind, text, by, order: verdict, ...more } = params
    const kept = await complaintById(pool, id)
    if (kept === null) return refuse('NOT_FOUND')
    if (isDecided(kept)) return refuse('COMPLAINT_CLOSED')
    if (verdict !== undefined) {
      const words = { trxId: kept.trxId, verdict, reason: text, by, byUser: by, ...more }
      const done = await call('order.resolve', words)
      if ('fault' in done) return done
      if ('refused' in done && done.order?.status !== (doneAs[verdict] ?? null)) return done
      const { moneyEffect } = 'ok' in done ? done.ok : done
      const settled = await settle({ id, kind, by, text })
      return 'refused' in settled ? { ...settled, moneyEffect } : settled
    }
    return await settle({ id, kind, by, text })
  }

  async function settle(word: Parameters<typeof addStaffMessage>[1]) {
    if (!(await addStaffMessage(pool, word))) return refuse('COMPLAINT_CLOSED')
    tell()
    return await file(word.id)
  }

  /** What is said while others are being told is told right after them. */
  function tell(): void {
    again = telling !== null
    telling ??= tellAll()
      .catch(deps.onError)
      .finally(() => {
        telling = null
        if (again) tell()
      })
  }

  async function tellAll(): Promise<void> {
    for (;;) {
      const words = await untold(pool, tellAtOnce)
      for (const { complaintId, ...message } of words) {
        const kept = await complaintById(pool, complaintId)
        const news = { complaint: complaintOf(kept!), message, inboxId: kept!.inboxId }
        await call('webhook.complaint', news)
        await call('chat.complaint', news)
        await noteTold(pool, message.id)
      }
      if (words.length < tellAtOnce) return
    }
  }

  return {
    name: 'complaint',
    actions: {
      open: (ctx: Context<Params<'complaint.open'>>) => open(ctx.params),
      list: (ctx: Context<Params<'complaint.list'>>) => list(ctx.params),
      read: (ctx: Context<Params<'complaint.read'>>) => file(ctx.params.id, ctx.params.userId),
      say: (ctx: Context<Params<'complaint.say'>>) => say(ctx.params),
      answer: (ctx: Context<Params<'complaint.answer'>>) => answer(ctx.params),
      decide: (ctx: Context<Params<'complaint.decide'>>) => decide(ctx.params),
    },
    async started() {
      timer = setInterval(() => {
        if (deps.isOwner()) tell()
      }, beatMs)
    },
    async stopped() {
      clearInterval(timer)
      again = false
      await telling
    },
  } as ServiceSchema
}

const isDecided = ({ state }: Pick<Complaint, 'state'>): boolean =>
  state === 'upheld' || state === 'rejected'

const complaintOf = ({ evidence: _, inboxId: __, ...complaint }: KeptComplaint): Complaint =>
  complaint
