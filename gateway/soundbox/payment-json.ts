/** A payment as the soundbox line tells it: the names that its strangers' clients rely on. */

import type { PaymentView } from '../../services/contract/soundbox.ts'
import { wireRow } from './wire.ts'

export function paymentJson({
  qr,
  status,
  ...payment
}: PaymentView): Readonly<Record<string, unknown>> {
  return { ...wireRow(payment), status: status.toLowerCase(), qr_string: qr, currency: 'IDR' }
}
