/** How far prices may go, for whoever computes them and whoever describes them. */

/** Nothing we sell costs ten billion; the bound keeps cost times basis points exact. */
export const rupiahMax = 10_000_000_000
/** Tenfold the cost. */
export const percentBpMax = 100_000
export const tiersMax = 20
/** Rules that change at once. */
export const changesMax = 500
