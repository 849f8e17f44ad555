/** What paying in by a gateway's way costs, in whole rupiah: the part in per cent rounded up. */

/** `sum`: whole rupiah. Null where nobody knows before. */
export const costOf = ({ fee, fee_percent: percent }, sum) =>
  fee === null || percent === null ? null : fee + Math.ceil((sum * percent) / 100)
