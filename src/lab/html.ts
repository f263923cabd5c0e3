/** HTML as text: what is put into a template is escaped, except for HTML itself. */

export class Html {
  readonly text: string

  constructor (text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[] | null

/** html`<p>${text}</p>` */
export function html (strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, at) => at === 0 ? text : render(parts[at - 1]!) + text).join(''))
}

function render (part: Part): string {
  if (part === null) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(item => item.text).join('')
  return String(part).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
