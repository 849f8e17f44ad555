/**
 * The desk's devices: the register with health and drift, credentials, binding to a terminal, what
 * a box was told and has said, its settings and its commands. Secrets are told once.
 */

import { z } from 'zod/v4'
import type { DeviceView } from '../../services/contract/device.ts'
import type { Role } from '../../services/contract/identity.ts'
import { type Desk, deskRoles, desksOf } from '../desk.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery } from '../reading.ts'
import type { Asked } from '../router.ts'
import { fieldsOf, wireRow } from './wire.ts'

const word = (most: number) => z.string().trim().min(1).max(most)
const flag = z.enum(['true', 'false']).transform(text => text === 'true')

const fleetQuery = z.object({
  merchant_id: z.uuid().optional(),
  terminal_id: z.uuid().optional(),
  status: z.enum(['active', 'blocked', 'retired']).optional(),
  online: flag.optional(),
  drift: flag.optional(),
  q: z.string().max(100).optional(),
  cursor: z.string().max(100).optional(),
  limit: limitShape(500, 100),
})
const newDevice = z.strictObject({
  vendor: word(60),
  model: word(60),
  /** Left out: the best that its firmware can say. */
  acks: z.enum(['played', 'received', 'none']).optional(),
  adapter: word(40).default('laju'),
  serial: word(60).optional(),
  names: z.record(z.string().max(40), z.string().max(100)).optional(),
  /** Of firmware whose password can't be changed. */
  secret: z.string().min(8).max(200).optional(),
})
const rotation = z.strictObject({
  grace_seconds: z
    .int()
    .min(0)
    .max(7 * 86_400)
    .default(0),
})
const binding = z.strictObject({ terminal_id: z.uuid(), swap: z.boolean().default(false) })
const reasoned = z.strictObject({ reason: z.string().trim().min(1).max(300) })
const newCommand = z.strictObject({
  type: z.enum(['reboot', 'volume', 'language', 'play_test', 'ota']),
  args: z
    .record(z.string().max(40), z.union([z.string().max(500), z.number(), z.boolean()]))
    .default({}),
  expires_in_seconds: z
    .int()
    .min(10)
    .max(7 * 86_400)
    .optional(),
})
const configChange = z.strictObject({
  values: z.record(
    z.string().max(40),
    z.union([z.string().max(500), z.number(), z.boolean(), z.null()]),
  ),
  version: z.int().min(1).optional(),
})
const paging = z.object({ limit: limitShape(200, 50) })

const keepers: readonly Role[] = ['admin', 'ops']
const helpers: readonly Role[] = ['admin', 'ops', 'support']

export const soundboxFleet: Line = (router, edge) => {
  const { staff } = desksOf(router, edge)

  /** A body that may be left out stands for `{}`. */
  const bodyOf = <T>(desk: Desk, { body }: Asked, shape: z.ZodType<T>): T | undefined =>
    readBody(desk.visit, body.length === 0 ? emptyBody : body, shape)

  staff('get', '/admin/devices', deskRoles, desk => {
    const query = readQuery(desk.visit, fleetQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('device.list', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(deviceJson), next_cursor: next }),
    )
  })
  staff(
    'post',
    '/admin/devices',
    keepers,
    (desk, asked) => {
      const wish = bodyOf(desk, asked, newDevice)
      if (wish === undefined) return
      const { vendor, model: name, secret, ...rest } = fieldsOf(wish)
      const given = secret === undefined ? {} : { secret }
      const model = { vendor, name, ...rest }
      desk.ask(
        () => edge.call('device.provision', { model, ...by(desk), ...given }),
        made =>
          desk.giveSecret(deviceJson(made.device), { secret: made.secret }, made.device.deviceId),
      )
    },
    { act: 'device.provision' },
  )
  staff('get', '/admin/devices/:id', deskRoles, (desk, { params: [deviceId = ''] }) =>
    desk.ask(
      () => edge.call('device.get', { deviceId }),
      found => desk.give(deviceJson(found)),
    ),
  )
  staff(
    'post',
    '/admin/devices/:id/credentials/rotate',
    keepers,
    (desk, asked) => {
      const wish = bodyOf(desk, asked, rotation)
      if (wish === undefined) return
      const [deviceId = ''] = asked.params
      const graceMs = wish.grace_seconds * 1_000
      desk.ask(
        () => edge.call('device.rotate', { deviceId, graceMs, ...by(desk) }),
        made => desk.giveSecret(deviceJson(made.device), { secret: made.secret }),
      )
    },
    { act: 'device.rotate' },
  )
  staff(
    'post',
    '/admin/devices/:id/bind',
    keepers,
    (desk, asked) => {
      const wish = bodyOf(desk, asked, binding)
      if (wish === undefined) return
      const [deviceId = ''] = asked.params
      desk.ask(
        () => edge.call('device.bind', { deviceId, by: desk.actor.name, ...fieldsOf(wish) }),
        made => desk.give(deviceJson(made)),
      )
    },
    { act: 'device.bind' },
  )
  staff(
    'post',
    '/admin/devices/:id/unbind',
    keepers,
    (desk, { params: [deviceId = ''] }) =>
      desk.ask(
        () => edge.call('device.unbind', { deviceId, by: desk.actor.name }),
        made => desk.give(deviceJson(made)),
      ),
    { act: 'device.unbind' },
  )
  for (const verb of ['block', 'retire'] as const) {
    staff(
      'post',
      `/admin/devices/:id/${verb}`,
      keepers,
      (desk, asked) => {
        const wish = bodyOf(desk, asked, reasoned)
        if (wish === undefined) return
        const [deviceId = ''] = asked.params
        desk.ask(
          () => edge.call(`device.${verb}`, { deviceId, by: desk.actor.name, ...wish }),
          made => desk.give(deviceJson(made)),
        )
      },
      { act: `device.${verb}` },
    )
  }
  staff(
    'post',
    '/admin/devices/:id/unblock',
    keepers,
    (desk, { params: [deviceId = ''] }) =>
      desk.ask(
        () => edge.call('device.unblock', { deviceId, by: desk.actor.name }),
        made => desk.give(deviceJson(made)),
      ),
    { act: 'device.unblock' },
  )

  staff('get', '/admin/devices/:id/notifications', deskRoles, (desk, { params: [id = ''] }) => {
    const query = readQuery(desk.visit, paging)
    if (query === undefined) return
    desk.ask(
      () => edge.call('device.notifications', { deviceId: id, ...query }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    )
  })
  staff('get', '/admin/devices/:id/mqtt-messages', helpers, (desk, { params: [id = ''] }) => {
    const query = readQuery(desk.visit, paging)
    if (query === undefined) return
    desk.ask(
      () => edge.call('device.mqttMessages', { deviceId: id, ...query }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    )
  })
  staff('get', '/admin/devices/:id/commands', deskRoles, (desk, { params: [deviceId = ''] }) =>
    desk.ask(
      () => edge.call('device.commands', { deviceId }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  staff(
    'post',
    '/admin/devices/:id/commands',
    helpers,
    (desk, asked) => {
      const wish = bodyOf(desk, asked, newCommand)
      if (wish === undefined) return
      const [deviceId = ''] = asked.params
      const { type: kind, args, expires_in_seconds: expiresInS } = wish
      const until = expiresInS === undefined ? {} : { expiresInS }
      const named = { commandId: desk.request, by: desk.actor.name }
      const call = { deviceId, kind, args, ...named, ...until }
      desk.ask(
        () => edge.call('device.command', call),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'device.command' },
  )

  staff('get', '/admin/devices/:id/config', deskRoles, (desk, { params: [deviceId = ''] }) =>
    desk.ask(
      () => edge.call('device.config', { deviceId }),
      found => desk.give(wireRow(found)),
    ),
  )
  staff('get', '/admin/devices/:id/config/status', deskRoles, (desk, { params: [id = ''] }) =>
    desk.ask(
      () => edge.call('device.config', { deviceId: id }),
      ({ desired, reported, drift }) =>
        desk.give({
          desired_version: desired?.version ?? null,
          reported_version: reported?.version ?? null,
          status: reported?.status ?? null,
          drift,
        }),
    ),
  )
  staff(
    'patch',
    '/admin/devices/:id/config',
    keepers,
    (desk, asked) => {
      const wish = bodyOf(desk, asked, configChange)
      if (wish === undefined) return
      const [deviceId = ''] = asked.params
      desk.ask(
        () => edge.call('device.configure', { deviceId, by: desk.actor.name, ...fieldsOf(wish) }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'device.configure' },
  )
  staff(
    'post',
    '/admin/devices/:id/config/retry-push',
    helpers,
    (desk, { params: [deviceId = ''] }) =>
      desk.ask(
        () => edge.call('device.pushConfig', { deviceId, by: desk.actor.name }),
        ({ pushed, config }) => desk.give({ pushed, config: wireRow(config) }),
      ),
    { act: 'device.push_config' },
  )
}

/** Who does it, and under which name it is done once. */
const by = ({ actor, request }: Desk) => ({ by: actor.name, request })

const emptyBody = Buffer.from('{}')

const deviceJson = ({ deviceId, binding: place, ...device }: DeviceView): object => ({
  ...{ device_id: deviceId, ...wireRow(device), binding: place && wireRow(place) },
})
