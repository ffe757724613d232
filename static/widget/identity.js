// @ts-check
// What tells texts apart.

/** SHA-256 of a folded text, in hex. `otherwise`: for pages without TLS, where the browser has none. @type {(folded: string, otherwise: (bytes: Uint8Array) => any) => Promise<string>} */
export const identify = async (folded, otherwise) => {
  const bytes = new TextEncoder().encode(folded), digest = await (crypto.subtle ? crypto.subtle.digest("SHA-256", bytes) : otherwise(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
