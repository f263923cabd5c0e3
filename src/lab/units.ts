/** Figures for people: three digits and a unit. */

/** `85 ns`, `1.20 µs`, `35.1 ms`. */
export function duration (ns: number): string {
  // What would round up to 1000 takes the next unit.
  if (ns < 999.5) return `${digits(ns)} ns`
  if (ns < 999.5e3) return `${digits(ns / 1e3)} µs`
  if (ns < 999.5e6) return `${digits(ns / 1e6)} ms`
  return `${digits(ns / 1e9)} s`
}

/** `4096 B`, `1.25 MiB`. */
export function bytes (count: number): string {
  if (count < 10_000) return `${plain(count)} B`
  if (count < 1024 ** 2) return `${digits(count / 1024)} KiB`
  return `${digits(count / 1024 ** 2)} MiB`
}

/** A count: whole where it is whole. */
export function plain (count: number): string {
  return count.toLocaleString('en', { maximumFractionDigits: 2 })
}

/** `± 3 %`: how far rounds lie apart; of less than three nothing can be said. */
export function spread ({ spread, rounds }: { readonly spread: number, readonly rounds: number }): string {
  if (rounds < 3) return '–'
  const percent = spread * 100
  return `± ${percent < 0.1 ? '<0.1' : percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`
}

/** `1.0×`, `12×`. */
export function ratio (value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)}×`
}

function digits (value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}
