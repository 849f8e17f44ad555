/** Other processes of the installation, in Prometheus' words; read at the moment of scraping. */

import type { Registry } from 'prom-client'
import { gaugeIn, totalIn } from '../metric.ts'
import type { Cluster } from './cluster.ts'

/** Null: this process is alone. */
export type ClusterSource = { readonly figures: () => ClusterFigures | null }
type ClusterFigures = Pick<Cluster, 'stats' | 'nodes' | 'isUp' | 'holder'>

const totals: readonly (readonly [string, string, keyof Cluster['stats']])[] = [
  ['laju_cluster_relayed_total', 'Calls passed on to the holder of the journal.', 'relayed'],
  ['laju_cluster_unanswered_total', 'Calls passed on whose answer never came.', 'unanswered'],
  ['laju_cluster_turned_away_total', 'Calls that the other did not carry out.', 'turnedAway'],
  ['laju_cluster_served_total', 'Calls carried out for other processes.', 'served'],
]

export function registerCluster(registry: Registry, { figures }: ClusterSource): void {
  for (const [name, help, of] of totals) {
    totalIn(registry, { name, help }, () => figures()?.stats[of] ?? null)
  }
  const gauge = (name: string, help: string, of: (cluster: ClusterFigures) => number) =>
    gaugeIn(registry, { name, help }, () => {
      const cluster = figures()
      return cluster === null ? 0 : of(cluster)
    })
  gauge('laju_cluster_up', 'Whether NATS carries.', ({ isUp }) => Number(isUp))
  gauge('laju_cluster_nodes', 'Other processes that are heard.', ({ nodes }) => nodes)
  const isElsewhere = ({ holder }: ClusterFigures) => Number(holder !== null)
  gauge('laju_cluster_passes_on', 'Whether another process holds the journal.', isElsewhere)
}
