/**
 * Refusals in prose. Some suppliers publish no codes: what they refuse they say in a sentence, in
 * Indonesian or English. A few words tell whose fault it was; a sentence without tells nothing.
 *
 * ADE1. A sentence that leaves it open whether something was sold has no blame: unknown.
 * ADE2. Only a destination at fault keeps other suppliers from being tried.
 * ADE3. That our balance is too low is said by more than the word for it: a balance that was not
 *       touched, or that is only told, is no reason.
 */

export type Blame = 'account' | 'limit' | 'product' | 'destination'

const no =
  '(tidak|tdk|bukan|belum|not|non|no|habis|kosong|empty|gangguan|tutup|invalid|salah|wrong)'

/** In this order: the first that fits. */
const readings: readonly (readonly [words: RegExp, blame: Blame | null])[] = [
  [/too many|terlalu (banyak|sering)|rate.?limit|limit (request|permintaan|transaksi)/i, 'limit'],
  [/time.?out|diproses|processing|pending|dupli|sudah|already|ref.?id|internal|sistem/i, null],
  [/coba lagi|try again|exception|unknown error/i, null],
  [
    /saldo|balance|api.?(key|id)|signature|\b(sign|key)\b|unauthor|forbidden|credential/i,
    'account',
  ],
  [/\bip\b|whitelist|akun|account|suspend/i, 'account'],
  [
    new RegExp(`(layanan|produk|product|service|stok|stock|kode|code)\\b.*\\b${no}`, 'i'),
    'product',
  ],
  [new RegExp(`(nomor|tujuan|target|data|zone|zona|user|number)\\b.*\\b${no}`, 'i'), 'destination'],
]

export function blameOf(message: string): Blame | null {
  return readings.find(([words]) => words.test(message))?.[1] ?? null
}

const money = '(?:saldo|deposit|dana|balance|funds?)'
const gap = '(?:[^.,;:{}"]|\\.\\d){0,40}?'
const tooLow = new RegExp(
  `\\b${money}\\b${gap}\\b(?:(?:tidak|tdk|tak|blm|belum|kurang) *(?:men)?cukupi?|kurang|habis|kosong|` +
    `(?:not|in) ?(?:enough|sufficient)|too low)\\b|` +
    `\\b(?:insufficient|not enough|low)\\b${gap}\\b${money}\\b`,
  'i',
)

/** Also of a word that stands for it, `saldo_kurang`. */
export const saysNoBalance = (said: string): boolean => tooLow.test(said.replace(/[_-]/g, ' '))
