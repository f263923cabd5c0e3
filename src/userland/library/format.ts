/** Numbers, times and lists as commands print them. */

/** `1.5K`, `12M`: as ls and du write sizes with -h. */
export function humanSize (bytes: number): string {
  let value = bytes
  for (const unit of ['', 'K', 'M', 'G', 'T']) {
    if (value < 1024 || unit === 'T') return unit === '' || value >= 10 ? `${Math.ceil(value)}${unit}` : `${(Math.ceil(value * 10) / 10).toFixed(1)}${unit}`
    value /= 1024
  }
  return String(bytes)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const monthsWhole = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const

const two = (value: number): string => String(value).padStart(2, '0')

/** A moment by the calendar, in UTC: the system knows no time zones. */
interface Calendar {
  readonly year: number
  /** From 0. */
  readonly month: number
  readonly day: number
  /** From Sunday, 0. */
  readonly weekday: number
  readonly dayOfYear: number
  readonly seconds: number
}

/** Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days, days_from_civil). */
function calendar (ms: number): Calendar {
  const total = Math.floor(ms / 1000)
  const days = Math.floor(total / 86400)
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365)
  const dayFromMarch = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayFromMarch + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 2 : monthFromMarch - 10
  const year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0)
  const day = dayFromMarch - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  return { year, month, day, weekday: (((days + 4) % 7) + 7) % 7, dayOfYear: days - daysOf(year, 0, 1) + 1, seconds: total - days * 86400 }
}

/** Days since 1970 of a date; `month` from 0. */
export function daysOf (year: number, month: number, day: number): number {
  const from = month <= 1 ? year - 1 : year
  const era = Math.floor(from / 400)
  const yearOfEra = from - era * 400
  const dayOfYear = Math.floor((153 * (month > 1 ? month - 2 : month + 10) + 2) / 5) + day - 1
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468
}

/** A time as strftime(3) writes it. */
export function formatTime (format: string, ms: number): string {
  const { year, month, day, weekday, dayOfYear, seconds } = calendar(ms)
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const one = (letter: string): string => {
    switch (letter) {
      case 'Y': return String(year)
      case 'C': return two(Math.floor(year / 100))
      case 'y': return two(year % 100)
      case 'm': return two(month + 1)
      case 'd': return two(day)
      case 'e': return String(day).padStart(2)
      case 'H': return two(hour)
      case 'I': return two(hour % 12 === 0 ? 12 : hour % 12)
      case 'k': return String(hour).padStart(2)
      case 'M': return two(minute)
      case 'S': return two(second)
      case 'N': return String(Math.round((ms - Math.floor(ms / 1000) * 1000) * 1e6)).padStart(9, '0')
      case 's': return String(Math.floor(ms / 1000))
      case 'p': return hour < 12 ? 'AM' : 'PM'
      case 'P': return hour < 12 ? 'am' : 'pm'
      case 'a': return days[weekday]!.slice(0, 3)
      case 'A': return days[weekday]!
      case 'b': case 'h': return months[month]!
      case 'B': return monthsWhole[month]!
      case 'j': return String(dayOfYear).padStart(3, '0')
      case 'u': return String(weekday === 0 ? 7 : weekday)
      case 'w': return String(weekday)
      case 'Z': return 'UTC'
      case 'z': return '+0000'
      case 'n': return '\n'
      case 't': return '\t'
      case '%': return '%'
      case 'D': return formatTime('%m/%d/%y', ms)
      case 'F': return formatTime('%Y-%m-%d', ms)
      case 'T': case 'X': return formatTime('%H:%M:%S', ms)
      case 'R': return formatTime('%H:%M', ms)
      case 'r': return formatTime('%I:%M:%S %p', ms)
      case 'x': return formatTime('%m/%d/%y', ms)
      case 'c': return formatTime('%a %b %e %H:%M:%S %Y', ms)
      default: return `%${letter}`
    }
  }
  return format.replace(/%([-_0]?)(.)/g, (_, padding: string, letter: string) => {
    const text = one(letter)
    return padding === '-' ? text.replace(/^[0 ]+(?=\d)/, '') : padding === '_' ? text.replace(/^0+(?=\d)/, zeros => ' '.repeat(zeros.length)) : text
  })
}

/** Names in columns that fill a width, top to bottom, as ls prints them. `widths`: columns that each takes. */
export function columns (names: readonly string[], width: number, widths: readonly number[] = names.map(name => [...name].length)): string {
  if (names.length === 0) return ''
  for (let rows = 1; ; rows++) {
    const count = Math.ceil(names.length / rows)
    const sizes = Array.from({ length: count }, (_, column) => Math.max(...widths.slice(column * rows, (column + 1) * rows)))
    const total = sizes.reduce((sum, size) => sum + size, 0) + 2 * (count - 1)
    if (total > width && rows < names.length) continue
    return Array.from({ length: rows }, (_, row) => sizes.map((size, column) => {
      const at = column * rows + row
      const name = names[at]
      if (name === undefined) return ''
      const last = at + rows >= names.length
      return last ? name : name + ' '.repeat(size - widths[at]! + 2)
    }).join('') + '\n').join('')
  }
}

/** `0:00.12`, or `1:02:03` when it is long. */
export function cpuTime (ns: number): string {
  const hundredths = Math.floor(ns / 1e7)
  const [minutes, rest] = [Math.floor(hundredths / 6000), hundredths % 6000]
  return minutes >= 60
    ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${String(Math.floor(rest / 100)).padStart(2, '0')}`
    : `${minutes}:${String(Math.floor(rest / 100)).padStart(2, '0')}.${String(rest % 100).padStart(2, '0')}`
}

export function kilobytes (bytes: number): string {
  return bytes >= 10 * 1024 * 1024 * 1024 ? `${Math.round(bytes / 1024 ** 3)}g` : bytes >= 100 * 1024 * 1024 ? `${Math.round(bytes / 1024 ** 2)}m` : `${Math.round(bytes / 1024)}k`
}
