import { render } from "svelte/server";
import App from "./App.svelte";

export default (scene) => render(App, { props: { first: scene } }).body;
