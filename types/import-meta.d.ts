// Where a module is, for layers that see neither Node nor the DOM: both have it, the language's lib does not.
//
// Sources: HTML, `import.meta.url`; URL Standard, WHATWG, https://url.spec.whatwg.org/

interface ImportMeta {
  readonly url: string
}

interface URL {
  readonly href: string
}
declare var URL: { prototype: URL, new(url: string, base?: string): URL }
