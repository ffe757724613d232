// @ts-check
// Text as the server takes it.

/** The first `limit` code points of valid Unicode without NUL. @type {(text: any, limit: number) => string} */
export const clean = (text, limit) => [...text.toWellFormed().replaceAll("\0", "\uFFFD")].slice(0, limit).join("");
