/**
 * What both sides of the OtomaX dialect must say alike, the answers of the gateway and the reports
 * that are sent later: the number of an order.
 */

/** An order's id as digits, because parsers of this trade read a TrxID with \d+. */
export const otomaxNumber = (trxId: string): string =>
  BigInt(`0x${trxId.replaceAll('-', '')}`).toString()

/** Like digiflazzAddress: a callback address of an order that came in this dialect. */
export const otomaxAddress = (url: string): string => `otomax+${url}`

/** Of an order that came in the dialect of IRS and its relatives. */
export const irsAddress = (url: string): string => `irs+${url}`
