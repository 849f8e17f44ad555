/**
 * The node: how this process takes part in the mesh. No domain word in it. One process hosts every
 * service, so calls between them are local and nothing is serialised.
 */

import { hostname } from 'node:os'
import type { BrokerOptions } from 'moleculer'

export type NodeOptions = { readonly logLevel: string; readonly transporter?: string }

export function nodeConfig({ logLevel, transporter }: NodeOptions): BrokerOptions {
  return {
    namespace: 'laju',
    nodeID: `${hostname()}-${process.pid}`,
    ...(transporter === undefined ? {} : { transporter }),
    logger: {
      type: 'Console',
      options: { level: logLevel, formatter: 'json', colors: false },
    },
    // Edges validate with zod and measure for themselves; the mesh only carries.
    validator: false,
    internalServices: false,
    metrics: false,
    tracing: false,
    contextParamsCloning: false,
    maxCallLevel: 0,
    requestTimeout: 0,
  } as BrokerOptions
}
