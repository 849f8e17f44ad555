/** Why a supplier's price list waits for a person, as staff read it. */

export const wildText = {
  moved: (moved: number, mapped: number, percent: number) =>
    `${moved} dari ${mapped} harga berubah lebih dari ${percent}%.`,
  gone: (gone: number, supplied: number) =>
    `${gone} dari ${supplied} produk tidak lagi disediakan pemasok.`,
} as const
