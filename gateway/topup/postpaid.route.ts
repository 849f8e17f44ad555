/**
 * Looking at a bill before it is paid, and at whose meter it is before a token is bought.
 *
 * PPF1. An inquiry answers what the customer owes, what the client pays, and with which token until
 *       when; what we pay stays with us.
 * PPF2. It spends from the allowance of orders, for a supplier is asked; and it moves no money.
 */

import { z } from 'zod/v4'
import type { InquiryView } from '../../services/contract/postpaid.ts'
import { billWords } from '../../services/wire/bill.ts'
import { ask } from '../ask.ts'
import type { Line } from '../lines.ts'
import { pastedShape, productShape, readBody, refShape, toIso } from '../reading.ts'
import { orderOkText } from '../text/order.id.ts'

export const inquiring = z.object({
  ref_id: refShape.optional(),
  product_code: productShape,
  destination: pastedShape,
})

export const postpaid: Line = (router, edge) => {
  const path = '/api/v1/transactions/inquiry'
  router.signed(
    'post',
    path,
    (visit, { userId, level }, { body }) => {
      const asked = readBody(visit, body, inquiring)
      if (asked === undefined) return
      const { product_code: product, destination, ref_id } = asked
      const ref = ref_id === undefined ? {} : { ref: ref_id }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('postpaid.inquire', { userId, level, product, destination, ...ref }),
        told => visit.ok(orderOkText[told.kind], JSON.stringify(wordsOf(told))),
      )
    },
    { ordering: true },
  )
}

function wordsOf(told: InquiryView) {
  if (told.kind === 'meter') {
    const { name, meterNumber, subscriberId, segment } = told.meter
    return {
      ...{ kind: told.kind, customer_name: name, meter_number: meterNumber },
      ...{ subscriber_id: subscriberId, segment_power: segment },
    }
  }
  const { bill } = told
  return {
    ...{ kind: told.kind, product_code: bill.product, destination: bill.destination },
    ...billWords(bill),
    total: bill.amount + bill.admin,
    price: bill.price,
    inquiry_token: bill.token,
    expires_at: toIso(bill.expiresAt),
  }
}
