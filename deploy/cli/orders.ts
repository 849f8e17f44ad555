/** What an operator does about one order, on the command line. */

import { askEngine } from './ask-engine.ts'
import { Misuse, positionals, type Tools, values, whoAsks } from './words.ts'

export async function resolveOrder(tools: Tools): Promise<number> {
  const [, , trxId] = positionals
  const { verdict, reason, sn } = values
  if (trxId === undefined || verdict === undefined || reason === undefined) {
    throw new Misuse('order resolve <trx_id> --verdict ... --reason "..." are all needed.')
  }
  if (!['success', 'failed', 'refund', 'accept_loss', 'dismiss'].includes(verdict)) {
    throw new Misuse(
      `--verdict ${verdict} is none of success, failed, refund, accept_loss, dismiss.`,
    )
  }
  return await askEngine(tools, 'resolve', {
    trxId,
    verdict,
    reason,
    by: whoAsks(),
    ...(sn === undefined ? {} : { sn }),
    ...(values['supplier-returned'] ? { supplierReturned: true } : {}),
  })
}

export async function touchOrder(tools: Tools, verb: 'hold' | 'release' | 'recheck' | 'reroute') {
  const [, , trxId] = positionals
  const { reason, supplier } = values
  if (trxId === undefined || !reason) {
    throw new Misuse(`order ${verb} <trx_id> --reason "..." are both needed.`)
  }
  const by = whoAsks()
  return await askEngine(tools, verb, {
    ...{ trxId, reason, by },
    ...(verb !== 'reroute' || supplier === undefined ? {} : { supplier }),
    ...(verb === 'reroute' && values['not-sold'] ? { notSold: true } : {}),
  })
}
