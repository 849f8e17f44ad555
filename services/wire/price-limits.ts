/** How far prices and amounts may go, for whoever computes them and whoever describes them. */

export { amountMax } from '../../engine/money.ts'

/** Nothing we sell costs ten billion; the bound keeps cost times basis points exact. */
export const rupiahMax = 10_000_000_000
/** Tenfold the cost. */
export const percentBpMax = 100_000
export const tiersMax = 20
/** Rules that change at once. */
export const changesMax = 500
