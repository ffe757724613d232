// Makes what the pages of the hosts need: a script for each, as it is published (development builds, which warn), and the
// HTML that their servers send. All of it goes to node_modules/.hosts.

import { readFile, mkdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { pages } from "./html.js";
import { SCENES } from "./scenes.js";

const TO = new URL("node_modules/.hosts/", import.meta.url).pathname;

const compilers = (server) => ({
  name: "compilers",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const compilerOptions = { isCustomElement: (name) => name === "machine-generated" };
      const { descriptor } = parse(await readFile(path, "utf8"), { filename: path, templateParseOptions: compilerOptions });
      const templateOptions = { ssr: server, ssrCssVars: [], compilerOptions };
      return { contents: compileScript(descriptor, { id: "app", inlineTemplate: true, templateOptions }).content };
    });
    build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js } = compile(await readFile(path, "utf8"), { filename: path, dev: !server, generate: server ? "server" : "client" });
      return { contents: js.code };
    });
  },
});

const define = { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true" };
const common = { absWorkingDir: import.meta.dirname, bundle: true, jsx: "automatic", jsxDev: true, logLevel: "warning", outdir: TO };
const rendered = ["react", "vue", "svelte"];
const scripts = { react: "react-page.jsx", vue: "vue-page.js", svelte: "svelte-page.js", htmx: "htmx.js", "htmx-2": "htmx-2.js", turbo: "turbo.js", "inner-html": "inner-html.js", "focus-trap": "focus-trap.js", watch: "watch.js" };
const servers = { react: "react-server.jsx", vue: "vue-server.js", svelte: "svelte-server.js" };

await mkdir(TO, { recursive: true });
await Promise.all([
  build({ ...common, define, entryPoints: scripts, format: "iife", conditions: ["browser", "development"], plugins: [compilers(false)] }),
  build({ ...common, define, entryPoints: servers, entryNames: "[name]-server", outExtension: { ".js": ".mjs" }, platform: "node", format: "esm", packages: "external", conditions: ["development"], plugins: [compilers(true)] }),
]);

const swap = (name) => `hx-get="${name}" hx-target="#scene" hx-select="#scene" hx-swap="outerHTML" hx-push-url="true"`;
const htmx = (how) => ({
  link: swap,
  button: (name) => `<button hx-get="list-${name}" hx-target="#list" hx-swap="${how}">${name}</button>`,
  rest: (shown) => `<p hx-get="feed-${shown}" hx-trigger="intersect once" hx-swap="outerHTML">…</p>`,
});
const served = {
  htmx: pages(htmx("innerMorph")),
  "htmx-2": pages(htmx("innerHTML")),
  turbo: pages({
    button: (name) => `<form action="list-${name}" data-turbo-stream><button>${name}</button></form>`,
    rest: (shown) => `<turbo-frame id="feed-${shown}" src="feed-${shown}" loading="lazy">…</turbo-frame>`,
    posts: (shown, html) => `<turbo-frame id="feed-${shown}">${html}</turbo-frame>`,
    list: (html) => `<turbo-stream action="update" method="morph" target="list"><template>${html}</template></turbo-stream>`,
  }),
  "inner-html": pages({}),
};
for (const name of rendered) {
  const { default: render } = await import(`${TO}${name}-server.mjs`);
  served[name] = {};
  for (const scene of SCENES) served[name][scene] = `<div id="app">${await render(scene)}</div>`;
}
await writeFile(`${TO}pages.json`, JSON.stringify(served));
