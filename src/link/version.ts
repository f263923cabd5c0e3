/** The version of this package: that of its manifest, which a test compares. */
export const VERSION = '0.1.0'
