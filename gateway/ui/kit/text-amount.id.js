/** What is said of an amount that nobody takes. */

import { rupiah } from './format.js'

export const tooMuch = max => `Jumlahnya terlalu besar. Paling banyak ${rupiah(max)}, ya.`
