/**
 * The house's side of the OtomaX dialects: reply texts to read, set and try out, for everybody or
 * for one partner; which imprecise signs are taken from whom, and by which codes he pays bills.
 *
 * OTP1. A text that would mislead a parser is refused with the reason, and nothing is changed.
 * OTP2. A preview shows the very text that an order would get, and saves nothing.
 * OTP3. Who reads the texts sees each as it is in force, and where it comes from.
 * OTP4. Codes for bills are a partner's own or the usual; one word never means two things.
 */

import { z } from 'zod/v4'
import type { PartnerView } from '../../services/contract/identity.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { readBody, readQuery } from '../reading.ts'
import type { Asked } from '../router.ts'
import { type OtomaxOutcome, otomaxAdminText, otomaxTemplates } from '../text/otomax.id.ts'
import { usualBills } from './otomax.ts'
import { signForms } from './otomax-sign.ts'
import {
  flawOf,
  outcomes,
  placeholders,
  render,
  type Style,
  type Subject,
  styles,
  templateLengthMax,
} from './otomax-template.ts'

const memberShape = z
  .string()
  .regex(/^[\w.@-]{1,64}$/)
  .transform(id => id.toUpperCase())
const bodyShape = z.string().max(templateLengthMax)
const placeShape = {
  style: z.literal([...styles]),
  outcome: z.literal([...outcomes]),
  member_id: memberShape.optional(),
}
export const setting = z.object({ ...placeShape, body: bodyShape.nullable() })
export const trying = z.object({ ...placeShape, body: bodyShape })
export const naming = z.object({ member_id: memberShape.optional() })
const codeWords = z
  .array(
    z
      .string()
      .regex(/^[\w.-]{1,20}$/)
      .transform(word => word.toUpperCase()),
  )
  .max(10)
export const billCodes = z
  .object({ inquiry: codeWords, pay: codeWords, pair: z.enum(['number', 'ref']).default('number') })
  .refine(({ inquiry, pay }) => !inquiry.some(word => pay.includes(word)), 'a word means one thing')
export const allowing = z
  .object({
    sign_forms: z
      .array(z.literal([...signForms]))
      .max(signForms.length)
      .optional(),
    /** Null brings the usual codes back. */
    bills: billCodes.nullable().optional(),
  })
  .refine(asked => asked.sign_forms !== undefined || asked.bills !== undefined, {
    path: ['sign_forms'],
    message: 'nothing to change',
  })

export const adminOtomax: Line = (router, edge) => {
  const admin = { roles: ['admin'] } as const
  const path = '/api/v1/admin/otomax'
  router.signed('get', `${path}/templates`, (visit, client) => list(edge, visit, client), admin)
  router.signed('put', `${path}/templates`, (...asked) => put(edge, ...asked), admin)
  router.signed('post', `${path}/templates/preview`, (...asked) => preview(edge, ...asked), admin)
  router.signed('get', `${path}/partners/:member`, (...asked) => partner(edge, ...asked), admin)
  router.signed('put', `${path}/partners/:member`, (...asked) => allow(edge, ...asked), admin)
}

function list(edge: Edge, visit: Visit, client: Client) {
  const asked = readQuery(visit, naming)
  if (asked === undefined) return
  const memberId = asked.member_id ?? null
  ask(
    edge,
    visit,
    client.userId,
    () => edge.call('partner.get', { memberId: null }),
    house => {
      if (memberId === null) return show(visit, house, null)
      ask(
        edge,
        visit,
        client.userId,
        () => edge.call('partner.get', { memberId }),
        own => show(visit, house, own),
      )
    },
  )
}

function show(visit: Visit, house: PartnerView, own: PartnerView | null) {
  const find = (view: PartnerView | null, style: Style, outcome: OtomaxOutcome) =>
    view?.templates.find(one => one.style === style && one.outcome === outcome)?.body
  const rows = styles.flatMap(style =>
    outcomes.map(outcome => {
      const mine = find(own, style, outcome)
      const ours = find(house, style, outcome)
      return {
        style,
        outcome,
        body: mine ?? ours ?? otomaxTemplates[style][outcome],
        source: mine !== undefined ? 'partner' : ours !== undefined ? 'house' : 'built_in',
      }
    }),
  )
  const member = own?.memberId ?? null
  visit.ok(
    otomaxAdminText.templates,
    JSON.stringify({ member_id: member, rows, placeholders: placeholders.map(one => `[${one}]`) }),
  )
}

function put(edge: Edge, visit: Visit, { userId }: Client, { body }: Asked) {
  const asked = readBody(visit, body, setting)
  if (asked === undefined) return
  const { style, outcome } = asked
  const flaw = asked.body === null ? null : flawOf(asked.body, style, outcome)
  if (flaw !== null) return visit.refuse('VALIDATION_FAILED', { details: { body: flaw } })
  const change = { memberId: asked.member_id ?? null, style, outcome, body: asked.body }
  ask(
    edge,
    visit,
    userId,
    () => edge.call('partner.setTemplate', change),
    () => {
      const saved = asked.body ?? null
      visit.ok(otomaxAdminText.saved, JSON.stringify({ style, outcome, body: saved }))
    },
  )
}

function preview(edge: Edge, visit: Visit, _: Client, { body }: Asked) {
  const asked = readBody(visit, body, trying)
  if (asked === undefined) return
  const { style, outcome } = asked
  const flaw = flawOf(asked.body, style, outcome)
  const text = render(asked.body, outcome, { ...sample, at: edge.now() })
  visit.ok(otomaxAdminText.preview, JSON.stringify({ text, usable: flaw === null, flaw }))
}

const sample: Omit<Subject, 'at'> = {
  member: { memberId: 'LJ0000000001', name: 'Toko Contoh' },
  product: 'XLD10',
  dest: '087800001230',
  ref: 'CONTOH1',
  bill: { customer: 'BUDI SANTOSO', periods: 'OKT 2026', amount: 8_000, admin: 2_500, detail: '' },
  order: { trxId: '019a0000-0000-7000-8000-000000000001', price: 10_500, sn: '1234567890/CONTOH' },
  balance: 989_500,
  note: 'Nomor tujuan salah',
}

function partner(edge: Edge, visit: Visit, { userId }: Client, { params }: Asked) {
  const memberId = (params[0] ?? '').toUpperCase()
  const call = () => edge.call('partner.get', { memberId })
  ask(edge, visit, userId, call, view => tell(visit, view))
}

function allow(edge: Edge, visit: Visit, { userId }: Client, { params, body }: Asked) {
  const asked = readBody(visit, body, allowing)
  if (asked === undefined) return
  const memberId = (params[0] ?? '').toUpperCase()
  const { sign_forms: forms, bills } = asked
  const call = async () => {
    if (forms !== undefined) {
      const change = { memberId, signForms: [...new Set(forms)] }
      const answer = await edge.call('partner.setForms', change)
      if (bills === undefined || !('ok' in answer)) return answer
    }
    return await edge.call('partner.setBills', { memberId, bills: bills ?? null })
  }
  ask(edge, visit, userId, call, view => tell(visit, view))
}

const tell = (visit: Visit, { memberId, signForms: forms, bills }: PartnerView): void =>
  visit.ok(
    otomaxAdminText.partner,
    JSON.stringify({
      ...{ member_id: memberId, sign_forms: forms, known_forms: signForms },
      bills: bills ?? usualBills,
    }),
  )
