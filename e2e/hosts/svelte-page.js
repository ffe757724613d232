import { hydrate } from "svelte";
import App from "./App.svelte";
import { scene } from "./scenes.js";

hydrate(App, { target: document.getElementById("app"), props: { first: scene() } });
