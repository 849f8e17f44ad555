/**
 * The desk's registry: merchants and their life, outlets, terminals with what they print, fee plans
 * and bank holidays. What may be written is decided by the service; here it is only read and told.
 */

import { z } from 'zod/v4'
import type { Role } from '../../services/contract/identity.ts'
import type { MerchantVerb, SoundboxRole } from '../../services/contract/soundbox.ts'
import { type Desk, deskRoles, desksOf } from '../desk.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, timeShape } from '../reading.ts'
import { fieldsOf, wireRow } from './wire.ts'

const text = (most: number) => z.string().trim().max(most)
const merchantFields = {
  qr_name: text(25),
  city: text(15),
  postal_code: text(10),
  mcc: text(4),
  criteria: z.enum(['UMI', 'UKE', 'UME', 'UBE', 'URE']),
  nmid: text(15),
  email: text(200),
  phone: text(30),
  settle_days: z.int().min(0).max(30),
  bank_code: text(30),
  account_name: text(100),
  account_number: text(40),
  template: text(200),
  lang: text(10),
}
const name = z.string().trim().min(1).max(100)
const version = z.int().min(1).optional()

const newMerchant = z.strictObject({
  name,
  ...z.strictObject(merchantFields).partial().shape,
})
const merchantChange = z.strictObject({
  ...z.strictObject({ name, ...merchantFields }).partial().shape,
  version,
})
const merchantQuery = z.object({
  status: z.enum(['pending', 'approved', 'rejected', 'suspended']).optional(),
  q: z.string().max(100).optional(),
  cursor: z.string().max(100).optional(),
  limit: limitShape(500, 100),
})
const judgement = z.strictObject({ reason: z.string().trim().max(300).default('') })
const slip = z.strictObject({ nmid: text(15), reason: z.string().trim().min(1).max(300) })
const newOutlet = z.strictObject({
  name,
  address: text(200).default(''),
  city: text(50).default(''),
})
const outletChange = z.strictObject({
  ...z.strictObject({ name, address: text(200), city: text(50), active: z.boolean() }).partial()
    .shape,
  version,
})
const ofMerchant = z.object({ merchant_id: z.uuid().optional() })
const outletQuery = ofMerchant.extend({
  cursor: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(2_000).optional(),
})
const terminalQuery = outletQuery.extend({ outlet_id: z.uuid().optional() })
const newTerminal = z.strictObject({
  label: name,
  kind: z.enum(['static', 'dynamic']),
  tid: z.string().max(25).optional(),
})
const terminalChange = z.strictObject({
  ...z.strictObject({ label: name, active: z.boolean() }).partial().shape,
  version,
})
const newFee = z.strictObject({
  merchant_id: z.uuid().nullable(),
  effective_from: timeShape,
  plan: z.record(z.string(), z.unknown()),
})
const holiday = z.strictObject({ day: z.string().max(10), name })
const historyQuery = z.object({ limit: limitShape(200, 50) })

const keepers: readonly Role[] = ['admin', 'ops']
const payers: readonly Role[] = ['admin', 'finance']

/** Who does it, and under which name it is done once. */
const by = ({ actor, request }: Desk) => ({ by: actor.name, request })

export const soundboxMerchants: Line = (router, edge) => {
  const { staff } = desksOf(router, edge)

  staff('get', '/admin/merchants', deskRoles, desk => {
    const query = readQuery(desk.visit, merchantQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('merchant.list', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff(
    'post',
    '/admin/merchants',
    keepers,
    (desk, asked) => {
      const fields = readBody(desk.visit, asked.body, newMerchant)
      if (fields === undefined) return
      desk.ask(
        () => edge.call('merchant.create', { ...by(desk), fields: fieldsOf(fields) }),
        made => desk.give(wireRow(made), made.merchantId),
      )
    },
    { act: 'merchant.create' },
  )
  staff('get', '/admin/merchants/:id', deskRoles, (desk, { params: [merchantId = ''] }) =>
    desk.ask(
      () => edge.call('merchant.get', { merchantId }),
      found => desk.give(wireRow(found)),
    ),
  )
  staff(
    'patch',
    '/admin/merchants/:id',
    keepers,
    (desk, { params: [merchantId = ''], body }) => {
      const change = readBody(desk.visit, body, merchantChange)
      if (change === undefined) return
      const { version, ...fields } = fieldsOf(change)
      const seen = version === undefined ? {} : { version }
      desk.ask(
        () => edge.call('merchant.change', { merchantId, by: desk.actor.name, fields, ...seen }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'merchant.change' },
  )
  staff(
    'post',
    '/admin/merchants/:id/release-nmid',
    ['admin'],
    (desk, { params: [merchantId = ''], body }) => {
      const wish = readBody(desk.visit, body, slip)
      if (wish === undefined) return
      const { nmid } = wish
      desk.ask(
        () => edge.call('merchant.releaseNmid', { merchantId, nmid, by: desk.actor.name }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'merchant.release_nmid' },
  )
  const judge = (verb: MerchantVerb, roles: readonly Role[]) =>
    staff(
      'post',
      `/admin/merchants/:id/${verb}`,
      roles,
      (desk, { params: [merchantId = ''], body }) => {
        const wish = body.length === 0 ? { reason: '' } : readBody(desk.visit, body, judgement)
        if (wish === undefined) return
        const { name: by } = desk.actor
        const role = desk.client.role as SoundboxRole
        desk.ask(
          () => edge.call('merchant.judge', { merchantId, verb, by, role, ...wish }),
          made => desk.give(wireRow(made)),
        )
      },
      { act: `merchant.${verb}` },
    )
  judge('approve', keepers)
  judge('reject', keepers)
  judge('suspend', keepers)
  judge('resume', keepers)
  for (const [entity, path] of [
    ['merchant', 'merchants'],
    ['outlet', 'outlets'],
    ['terminal', 'terminals'],
  ] as const) {
    staff('get', `/admin/${path}/:id/history`, deskRoles, (desk, { params: [id = ''] }) => {
      const query = readQuery(desk.visit, historyQuery)
      if (query === undefined) return
      desk.ask(
        () => edge.call('merchant.history', { entity, id, ...query }),
        ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
      )
    })
  }

  staff('get', '/admin/merchants/:id/outlets', deskRoles, (desk, { params: [merchantId = ''] }) =>
    desk.ask(
      () => edge.call('merchant.outlets', { merchantId }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  staff(
    'post',
    '/admin/merchants/:id/outlets',
    keepers,
    (desk, { params: [merchantId = ''], body }) => {
      const wish = readBody(desk.visit, body, newOutlet)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('merchant.addOutlet', { merchantId, ...by(desk), ...wish }),
        made => desk.give(wireRow(made), made.outletId),
      )
    },
    { act: 'outlet.create' },
  )
  staff('get', '/admin/outlets', deskRoles, desk => {
    const query = readQuery(desk.visit, outletQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('merchant.outlets', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff(
    'patch',
    '/admin/outlets/:id',
    keepers,
    (desk, { params: [outletId = ''], body }) => {
      const change = readBody(desk.visit, body, outletChange)
      if (change === undefined) return
      const { version, ...fields } = fieldsOf(change)
      const seen = version === undefined ? {} : { version }
      desk.ask(
        () =>
          edge.call('merchant.changeOutlet', { outletId, by: desk.actor.name, fields, ...seen }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'outlet.change' },
  )

  staff('get', '/admin/terminals', deskRoles, desk => {
    const query = readQuery(desk.visit, terminalQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('merchant.terminals', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff('get', '/admin/outlets/:id/terminals', deskRoles, (desk, { params: [outletId = ''] }) =>
    desk.ask(
      () => edge.call('merchant.terminals', { outletId }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  staff(
    'post',
    '/admin/outlets/:id/terminals',
    keepers,
    (desk, { params: [outletId = ''], body }) => {
      const wish = readBody(desk.visit, body, newTerminal)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('merchant.addTerminal', { outletId, ...by(desk), ...fieldsOf(wish) }),
        made => desk.give(wireRow(made), made.terminalId),
      )
    },
    { act: 'terminal.create' },
  )
  staff('get', '/admin/terminals/:id', deskRoles, (desk, { params: [terminalId = ''] }) =>
    desk.ask(
      () => edge.call('merchant.terminal', { terminalId }),
      found => desk.give(wireRow(found)),
    ),
  )
  staff(
    'patch',
    '/admin/terminals/:id',
    keepers,
    (desk, { params: [terminalId = ''], body }) => {
      const change = readBody(desk.visit, body, terminalChange)
      if (change === undefined) return
      const { version, ...fields } = fieldsOf(change)
      const by = desk.actor.name
      const seen = version === undefined ? {} : { version }
      desk.ask(
        () => edge.call('merchant.changeTerminal', { terminalId, by, fields, ...seen }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'terminal.change' },
  )

  staff('get', '/admin/fees', deskRoles, desk => {
    const query = readQuery(desk.visit, ofMerchant)
    if (query === undefined) return
    desk.ask(
      () => edge.call('merchant.fees', { merchantId: query.merchant_id ?? null }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    )
  })
  staff(
    'post',
    '/admin/fees',
    payers,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, newFee)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('merchant.addFee', { by: desk.actor.name, ...fieldsOf(wish) }),
        ({ rows }) => desk.give({ rows: rows.map(wireRow) }, wish.merchant_id ?? 'house'),
      )
    },
    { act: 'fee.create' },
  )
  staff('get', '/admin/bank-holidays', deskRoles, desk =>
    desk.ask(
      () => edge.call('merchant.holidays', {}),
      ({ rows }) => desk.give({ rows }),
    ),
  )
  staff(
    'post',
    '/admin/bank-holidays',
    payers,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, holiday)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('merchant.putHoliday', { by: desk.actor.name, ...wish }),
        () => desk.give(wish, wish.day),
      )
    },
    { act: 'holiday.put' },
  )
  staff(
    'del',
    '/admin/bank-holidays/:day',
    payers,
    (desk, { params: [day = ''] }) =>
      desk.ask(
        () => edge.call('merchant.removeHoliday', { day, by: desk.actor.name }),
        () => desk.give({ day, removed: true }),
      ),
    { act: 'holiday.remove' },
  )
}
