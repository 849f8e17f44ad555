/** A box asks for a QR: a payment of the terminal where it stands, told as boxes are told. */

import type { Call } from '../contract.ts'
import type { DeviceDeps } from './device.service.ts'

export const makeQr =
  (call: Call): DeviceDeps['makeQr'] =>
  async ({ merchantId, terminalId, amount, reference, deviceId }) => {
    const by = `device:${deviceId}`
    const answer = await call('payment.create', { merchantId, terminalId, amount, reference, by })
    if (!('ok' in answer)) return answer
    const { transactionId, status, qr, expiresAt } = answer.ok
    return {
      ok: {
        ...{ transaction_id: transactionId, status: status.toLowerCase(), amount, qr_string: qr },
        expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        ...{ terminal_id: terminalId, merchant_id: merchantId },
      },
    }
  }
