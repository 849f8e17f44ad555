/**
 * Several processes of one installation, joined: between the settings and `services/cluster/`.
 *
 * DCL1. A NATS that can't be reached at the start is a sentence, without its address, before the
 *       owner of the journal is disturbed; later it is a part of the health.
 */

import type { ServiceBroker } from 'moleculer'
import { Cluster, type ClusterOptions } from '../services/cluster/cluster.ts'
import { NatsUnreachable, natsOptions, probe } from '../services/cluster/nats.ts'
import { StartFailure } from './start-failure.ts'

type ClusterDeps = Omit<ClusterOptions, 'call' | 'signal'> & { readonly broker: ServiceBroker }

/** Throws a StartFailure unless NATS lets us in. */
export async function checkNats(natsUrl: string): Promise<void> {
  try {
    await probe(natsOptions(natsUrl))
  } catch (cause) {
    if (!(cause instanceof NatsUnreachable)) throw cause
    throw new StartFailure(
      `NATS_URL is set, but no NATS can be used there (${cause.message}): ` +
        'start it, correct NATS_URL, or unset it.',
      { cause },
    )
  }
}

/** Once the services of `broker` are there to be asked. */
export function joinCluster({ broker, ...deps }: ClusterDeps): Promise<Cluster> {
  return Cluster.open({
    ...deps,
    call: (action, params, { requestId, node }) =>
      broker.call(action, params as never, {
        ...(requestId === null ? {} : { requestID: requestId }),
        meta: { node },
      }),
    signal: (name, payload) => void broker.broadcastLocal(name, payload),
  })
}
