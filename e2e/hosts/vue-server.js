import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import App from "./App.vue";

export default (scene) => renderToString(createSSRApp(App, { first: scene }));
