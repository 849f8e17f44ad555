/**
 * For boxes without MQTT: what goes over its topics, over HTTP. A box proves itself with the two
 * headers X-Device-Id and X-Device-Secret. Where the settings have a token for a fleet of old
 * boxes, that one as a bearer token in place of the secret.
 *
 * DVT1. A box sees and says only its own: its configuration, its messages, its terminal.
 * DVT2. Who is refused is told the same, whatever was wrong with id or secret; who was wrong too
 *       often is not listened to, and no other box or person pays for him.
 * DVT3. A box may ask so often in a minute; its neighbours are none the worse for it.
 * DVT4. The same request id or reference makes one payment, and so does the same `Idempotency-Key`:
 *       it is answered as it was, or with a conflict where something else is asked.
 * DVT5. The token of all boxes opens the doors that old boxes know, and not what a box is to say.
 */

import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod/v4'
import type { DeviceLogin } from '../../services/contract/device.ts'
import { addressOf, neighbourhood } from '../address.ts'
import { type HttpStatus, json, type Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { tokenOf } from '../auth.ts'
import { type Claim, claimed, fingerprintOf, keep, release } from '../claim.ts'
import type { Edge } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import { readBody, rupiahShape, toIso } from '../reading.ts'
import type { Asked } from '../router.ts'
import { give, refusalOf, speakSoundbox } from './answer.ts'
import { DeviceFailures } from './device-failures.ts'

const perMin = 240
const devicesMax = 100_000

const anything = z.record(z.string(), z.unknown())
const qrWish = z.object({
  terminal_id: z.uuid().optional(),
  amount: rupiahShape,
  reference: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
  request_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
})

/** Where a token that is the same for all boxes may do. */
const oldDoors: ReadonlySet<string> = new Set([
  ...['/device/heartbeat', '/device/config', '/device/config/ack', '/device/commands/ack'],
  '/device/transactions/dynamic-qr',
])

type Box = { readonly login: DeviceLogin; readonly asked: Asked }

export const soundboxDevice: Line = (router, edge) => {
  const rates = new AddressBuckets(perMin, devicesMax)
  const failures = new DeviceFailures()

  /** Calls back with who it is, once proven. */
  function box(verb: 'get' | 'post', path: string, serve: (visit: Visit, box: Box) => void): void {
    const isOld = oldDoors.has(path)
    router.open(verb, path, (visit, asked) => {
      speakSoundbox(visit)
      if (edge.stopping) return visit.refuse('STOPPING')
      const deviceId = asked.headers['x-device-id'] ?? ''
      const secret = asked.headers['x-device-secret'] ?? ''
      const token = isOld && secret === '' ? tokenOf(asked.headers['authorization'] ?? '') : ''
      const address = addressOf(visit.res, visit.forwarded, edge.proxies)
      const place = neighbourhood(address)
      const isBare = deviceId === '' || (secret === '' && token === '')
      if (isBare || failures.isShut(place, deviceId, edge.now())) {
        return visit.refuse('DEVICE_INVALID')
      }
      ask(
        edge,
        visit,
        place,
        async () => {
          const answer = await (token === ''
            ? edge.call('device.login', { deviceId, secret, address })
            : edge.call('device.vouched', { deviceId, token, address }))
          if ('refused' in answer) failures.failed(place, deviceId, edge.now())
          if ('ok' in answer) failures.proved(place, deviceId)
          return answer
        },
        login => {
          const waitMs = rates.take(login.deviceId, edge.now())
          if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
          serve(visit, { login, asked })
        },
      )
    })
  }

  /** What a box says of itself, as it would over its topic. */
  function says(path: string, topic: 'heartbeat' | 'ack' | 'config/ack' | 'command/ack'): void {
    box('post', path, (visit, { login: { deviceId }, asked }) => {
      const payload = readBody(visit, asked.body, anything)
      if (payload === undefined) return
      const own = [deviceId, asked.headers['x-device-id']]
      if (!own.includes((payload['device_id'] ?? deviceId) as string)) {
        return visit.refuse('FORBIDDEN')
      }
      ask(
        edge,
        visit,
        deviceId,
        () => edge.call('device.uplink', { deviceId, topic, payload }),
        () => give(visit, { result: 'ok', server_time: toIso(edge.machineNow()) }),
      )
    })
  }

  says('/device/heartbeat', 'heartbeat')
  says('/device/config/ack', 'config/ack')
  says('/device/commands/ack', 'command/ack')
  says('/device/notifications/ack', 'ack')

  box('get', '/device/config', (visit, { login: { deviceId } }) =>
    ask(
      edge,
      visit,
      deviceId,
      () => edge.call('device.config', { deviceId }),
      ({ desired, reported, drift }) =>
        give(visit, {
          ...{ version: desired?.version ?? 0, values: desired?.values ?? {}, drift },
          reported_version: reported?.version ?? null,
        }),
    ),
  )

  box('get', '/device/notifications', (visit, { login: { deviceId } }) =>
    ask(
      edge,
      visit,
      deviceId,
      () => edge.call('device.poll', { deviceId }),
      ({ messages }) => give(visit, { messages }),
    ),
  )

  box('post', '/device/transactions/dynamic-qr', (visit, box) =>
    claimed(edge, visit, { scope: `device:${box.login.deviceId}`, asked: box.asked }, claim =>
      makeQr(visit, box, claim),
    ),
  )

  function makeQr(visit: Visit, { login, asked }: Box, claim: Claim | null) {
    const say = claim === null ? give : keeping(edge, visit, claim)
    const wish = readBody(visit, asked.body, qrWish)
    if (wish === undefined) return
    const { deviceId, merchantId, terminalId } = login
    if (merchantId === null || terminalId === null) return visit.refuse('DEVICE_UNBOUND')
    if ((wish.terminal_id ?? terminalId) !== terminalId) return visit.refuse('FORBIDDEN')
    const named = claim === null ? randomUUID() : `${claim.key} ${fingerprintOf(visit, asked)}`
    const { amount, request_id = named } = wish
    const { reference = referenceOf(deviceId, request_id) } = wish
    const by = `device:${deviceId}`
    ask(
      edge,
      visit,
      deviceId,
      () => edge.call('payment.create', { merchantId, terminalId, amount, reference, by }),
      made =>
        say(visit, {
          ...{ transaction_id: made.transactionId, status: made.status.toLowerCase() },
          ...{ amount: made.amount, qr_string: made.qr },
          expires_at: made.expiresAt === null ? null : toIso(made.expiresAt),
          ...{ terminal_id: made.terminalId, merchant_id: made.merchantId },
        }),
    )
  }
}

/** From here on this visit is answered when its answer is kept. */
function keeping(edge: Edge, visit: Visit, claim: Claim): typeof give {
  const end = async (status: HttpStatus, body: string, headers?: Record<string, string>) => {
    try {
      await keep(edge, claim, { status, body })
      visit.send(status, json, body, headers)
    } catch (cause) {
      edge.onFault(cause, visit.id)
      release(edge, claim)
      speakSoundbox(visit)
      visit.refuse('UNREACHABLE')
    }
  }
  visit.dialect = (one, code, told) => {
    const { http, text, headers } = refusalOf(one, code, told)
    void end(http, text, headers)
  }
  return (_, data) => void end(200, JSON.stringify(data))
}

/** As services/soundbox/device.service.ts names it when the box asks over MQTT. */
const referenceOf = (deviceId: string, requestId: string): string =>
  createHash('sha256').update(`${deviceId} ${requestId}`).digest('hex').slice(0, 32)
